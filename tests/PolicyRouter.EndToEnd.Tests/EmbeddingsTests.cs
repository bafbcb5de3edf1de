using System.Net;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Callers of the embeddings API: what they embed is decided on, redacted and recorded like a prompt.</summary>
public class EmbeddingsTests
{
    private const string Path = "/v1/embeddings";

    [Theory]
    [InlineData("""  "Write to ann@example.org" """)]
    [InlineData("""  ["nothing", "Write to ann@example.org"] """)]
    public async Task ATextToEmbed_IsRedacted_AndTheVectorsComeBackAsTheyAre(string input)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, new JsonObject { ["model"] = "azure-gpt4o-eastus", ["input"] = JsonNode.Parse(input) });

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(256, reply.Json.GetProperty("data")[0].GetProperty("embedding").GetArrayLength());
        Assert.DoesNotContain("ann@example.org", Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
        Assert.NotEqual("0", reply.Headers["X-Redactions"]);
        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.True(outcome.GetProperty("inputTokens").GetInt64() > 0);
        Assert.Equal(0, outcome.GetProperty("outputTokens").GetInt64());
        Assert.False(outcome.TryGetProperty("tokensEstimated", out _));
    }

    [Fact]
    public async Task AsManyTextsAsARequestMayHave_ComeBackAsTheyAre_HoweverLargeTheirVectorsAreTogether()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        JsonArray texts = [.. Enumerable.Range(0, 2_048).Select(static number => (JsonNode)$"Text {number}")];

        var reply = await gateway.AskAtAsync(Path, new JsonObject { ["model"] = "azure-gpt4o-eastus", ["input"] = texts, ["dimensions"] = 512 });

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(2_048, reply.Json.GetProperty("data").GetArrayLength());
        Assert.True(reply.Body.Length > 8 * 1_048_576, $"Only {reply.Body.Length} bytes: an answer in words could be as long.");
    }

    [Theory]
    [InlineData("user", """ "user":"SSN 536-22-1847","input":"x" """)]
    [InlineData("unknown text", """ "x_note":"SSN 536-22-1847","input":"x" """)]
    [InlineData("unknown name", """ "536-22-1847":true,"input":"x" """)]
    [InlineData("second input", """ "input":["x","SSN 536-22-1847"] """)]
    public async Task AnIdentifierAnywhere_DoesNotReachAProvider(string place, string members)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await gateway.AskAtAsync(Path, JsonNode.Parse($"{{\"model\":\"azure-gpt4o-eastus\",{members}}}")!.AsObject());

        Assert.True(gateway.Fleet.Received.Count > 0, place);
        Assert.All(gateway.Fleet.Received, static sent => Assert.DoesNotContain("536-22-1847", sent.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_CannotBeLookedInto_SoThatADutyToRedactRefusesThem()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, new JsonObject { ["model"] = "azure-gpt4o-eastus", ["input"] = new JsonArray(536, 22, 1847) });

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("content_uninspectable", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task ADeploymentThatDoesNotOfferEmbeddings_IsNotAsked()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, new JsonObject { ["model"] = "claude-anthropic", ["input"] = "x" });

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Contains("embeddings", reply.Body, StringComparison.Ordinal);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("""{"model":"azure-gpt4o-eastus"}""")]
    [InlineData("""{"model":"azure-gpt4o-eastus","input":""}""")]
    [InlineData("""{"model":"azure-gpt4o-eastus","input":[]}""")]
    [InlineData("""{"model":"azure-gpt4o-eastus","input":{"text":"x"}}""")]
    [InlineData("""{"model":"azure-gpt4o-eastus","input":"x","stream":true}""")]
    public async Task ABodyThatIsNone_IsRefusedAndNotSent(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, JsonNode.Parse(body)!.AsObject());

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Empty(gateway.Fleet.Received);
    }
}
