using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;

namespace PolicyRouter.EndToEnd.Tests;

public class ServingTests
{
    [Fact]
    public async Task ClinicalNote_IsAnsweredByTheFirstPermittedTarget_AndSaysWhatHappened()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: community-acquired pneumonia."));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("claude-anthropic", reply.Deployment);
        Assert.Equal(1, reply.Attempts);
        Assert.Contains("phi", reply.Headers["X-Data-Class"].Split(", "));
        Assert.StartsWith("sha256:", reply.Headers["X-Policy-Version"], StringComparison.Ordinal);
        Assert.Equal(reply.Headers["X-Decision-Id"], reply.Headers["x-request-id"]);
        Assert.True(double.Parse(reply.Headers["X-Gateway-Overhead-Ms"], System.Globalization.CultureInfo.InvariantCulture) >= 0);
        Assert.Contains("pneumonia", reply.Content, StringComparison.Ordinal);
        Assert.Single(gateway.Fleet["claude-anthropic"].Received);
        Assert.Equal("permit", (await DecidedAsync(gateway, reply)).GetProperty("outcome").GetString());
        Assert.Equal("completed", (await gateway.OutcomeOfAsync(reply.DecisionId)).GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BillingQuestion_ReachesTheProviderWithoutIdentifiers_AndComesBackWithThem(bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        string[] identifiers = ["MRN-48151623", "123-45-6789", "jane.roe@mail.example.com", "(415) 555-0133"];
        var text = $"MRN: {identifiers[0]}, SSN {identifiers[1]}, e-mail {identifiers[2]}, phone {identifiers[3]}. Why was the claim rejected?";

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", text, stream), purpose: "payment");

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var sent = Assert.Single(gateway.Fleet.Received).Text;
        Assert.All(identifiers, identifier => Assert.DoesNotContain(identifier, sent, StringComparison.Ordinal));
        var answer = stream ? reply.StreamedContent : reply.Content;
        Assert.All(identifiers, identifier => Assert.Contains(identifier, answer, StringComparison.Ordinal));
        Assert.Equal("4", reply.Headers["X-Redactions"]);
    }

    [Fact]
    public async Task ChartPastedAsPublic_IsRaisedToPhi()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(
            GatewayUnderTest.Chat("clinical-chat", "Shorten this: MRN: MRN-48151623 has asthma."), dataClass: "public");

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Contains("phi", reply.Headers["X-Data-Class"].Split(", "));
    }

    [Fact]
    public async Task DryRun_DecidesAndRecords_AndSendsNothing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), headers: ("X-Dry-Run", "true"));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("permit", reply.Json.GetProperty("decision").GetString());
        Assert.Equal("claude-anthropic", reply.Json.GetProperty("permitted")[0].GetString());
        Assert.Empty(gateway.Fleet.Received);
        Assert.Equal("dry-run", (await DecidedAsync(gateway, reply)).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task MetadataOfTheRequest_IsReadAsFacts_AndNotSentOn()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = GatewayUnderTest.Chat("clinical-chat", "Summarise.");
        body["metadata"] = new JsonObject
        {
            ["data_class"] = "phi", ["data_subjects"] = "us", ["purpose"] = "treatment", ["session"] = "s-1",
        };

        var reply = await gateway.AskAsync(body, dataClass: null, subjects: null, purpose: null);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.DoesNotContain("data_class", Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfficialOpenAiSdk_NeedsOnlyAnotherBaseUrl(bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        ChatClient client = new(
            "clinical-chat",
            new System.ClientModel.ApiKeyCredential(gateway.Stack.Token("sdk", "app", floor: "phi", purpose: "treatment", subjects: "us")),
            new OpenAIClientOptions { Endpoint = new Uri(gateway.DataPlane, "/v1") });
        StringBuilder answer = new();

        if (stream)
        {
            await foreach (var update in client.CompleteChatStreamingAsync("Summarise: atrial fibrillation."))
            {
                answer.AppendJoin("", update.ContentUpdate.Select(static part => part.Text));
            }
        }
        else
        {
            answer.Append((await client.CompleteChatAsync("Summarise: atrial fibrillation.")).Value.Content[0].Text);
        }

        Assert.Contains("atrial fibrillation", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_ListsTheRoutes()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new();
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {gateway.Token("app")}");

        var models = JsonDocument.Parse(await http.GetStringAsync(new Uri(gateway.DataPlane, "/v1/models"))).RootElement;

        Assert.Equal("list", models.GetProperty("object").GetString());
        Assert.Contains("clinical-chat", models.GetProperty("data").EnumerateArray().Select(static model => model.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task AuditorsRead_WhatHappenedToARequest_AndTheReadingIsItselfRefusedToApps()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        await gateway.OutcomeOfAsync(reply.DecisionId);

        var page = await gateway.ControlAsync("/api/decisions?class=phi", "auditor");
        var one = await gateway.ControlAsync($"/api/decisions/{reply.DecisionId}", "auditor");
        var asApp = await gateway.ControlAsync("/api/decisions", "app");
        var badCursor = await gateway.ControlAsync("/api/decisions?cursor=nonsense", "auditor");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains(reply.DecisionId.ToString(), page.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, one.Status);
        Assert.Contains("claude-anthropic", one.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, asApp.Status);
        Assert.Equal(HttpStatusCode.BadRequest, badCursor.Status);
    }

    private static async Task<JsonElement> DecidedAsync(GatewayUnderTest gateway, Reply reply) =>
        JsonDocument.Parse((await gateway.EventsOfAsync(reply.DecisionId))[0].CanonicalJson).RootElement;
}
