using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Each bad input gets the error of the contract, and nothing is sent.</summary>
public class BadInputTests
{
    [Theory]
    [InlineData("{\"model\":\"clinical-chat\",\"messages\":[")]
    [InlineData("{\"model\":\"clinical-chat\",\"model\":\"public-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")]
    [InlineData("{\"model\":\"clinical-chat\",\"Model\":\"public-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")]
    [InlineData("{\"model\":\"clinical-chat\",\"messages\":[]}")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")]
    [InlineData("{\"model\":\"clinical-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} trailing")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task MalformedBodies_Get400_AndNothingIsSent(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.PostAsync(Encoding.UTF8.GetBytes(body));

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("invalid_request", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData(null)]
    public async Task PackedBody_Gets400_SaidOrNot_AndNothingIsSent(string? encoding)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using MemoryStream packed = new();
        await using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(GatewayUnderTest.Chat("clinical-chat", new string('a', 10_000_000)).ToJsonString()));
        }

        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(gateway.DataPlane, "/v1/chat/completions")) { Content = new ByteArrayContent(packed.ToArray()) };
        request.Headers.Add("Authorization", $"Bearer {gateway.Token("app")}");
        request.Content.Headers.Add("Content-Type", "application/json");
        if (encoding is not null)
        {
            request.Content.Headers.Add("Content-Encoding", encoding);
        }

        var reply = await Reply.OfAsync(await http.SendAsync(request));

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("invalid_request", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task UnknownRoute_Gets404()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("no-such-route", "x"));

        Assert.Equal(HttpStatusCode.NotFound, reply.Status);
        Assert.Equal("model_not_found", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task UnknownClass_Gets400()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "x"), dataClass: "phy");

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("data_class_unknown", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task MissingClass_IsTheStrictest_AndRefused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("public-chat", "Hello."), dataClass: null, purpose: null);

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal("no_permitted_provider", reply.ErrorCode);
        Assert.Equal("unclassified", reply.Headers["X-Data-Class"]);
        Assert.Equal("false", reply.Headers["x-should-retry"]);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.")]
    public async Task BadToken_Gets401(string? authorization)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(gateway.DataPlane, "/v1/chat/completions"))
        {
            Content = new StringContent(GatewayUnderTest.Chat("clinical-chat", "x").ToJsonString(), Encoding.UTF8, "application/json"),
        };
        if (authorization is not null)
        {
            request.Headers.Add("Authorization", authorization);
        }

        var reply = await Reply.OfAsync(await http.SendAsync(request));

        Assert.Equal(HttpStatusCode.Unauthorized, reply.Status);
        Assert.Equal("invalid_token", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task BodyOverTheLimit_Gets413()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", new string('a', 5_000_000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.Status);
        Assert.Equal("request_too_large", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task PurposeThatTheTokenDoesNotAllow_Gets403_AndIsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(gateway.DataPlane, "/v1/chat/completions"))
        {
            Content = new StringContent(GatewayUnderTest.Chat("clinical-chat", "x").ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", $"Bearer {gateway.Stack.Token("ward", "app", purpose: "treatment")}");
        request.Headers.Add("X-Data-Class", "phi");
        request.Headers.Add("X-Data-Subjects", "us");
        request.Headers.Add("X-Purpose", "payment");

        var reply = await Reply.OfAsync(await http.SendAsync(request));

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal("purpose_not_allowed", reply.ErrorCode);
        Assert.Single(await gateway.EventsOfAsync(reply.DecisionId));
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task OverrideToken_IsRefusedAndRecorded_NotIgnored()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "x"), headers: ("X-Break-Glass", "token"));

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal("break_glass_invalid", reply.ErrorCode);
        Assert.Single(await gateway.EventsOfAsync(reply.DecisionId));
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task ProviderThatRedirects_IsNotFollowed_AndThePromptGoesOnToAPermittedOne()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var forbidden = gateway.Fleet["openai-gpt4o-direct"];
        gateway.Fleet["claude-anthropic"].Behave(Fault.Redirect(new Uri(forbidden.BaseUrl, "/v1/chat/completions")));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(2, reply.Attempts);
        Assert.Empty(forbidden.Received);
    }

    [Theory]
    [InlineData("image_url")]
    [InlineData("input_audio")]
    public async Task PartThatCannotBeInspected_IsRefused_WhenADutyDemandsRedaction(string part)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        JsonObject body = new()
        {
            ["model"] = "clinical-chat",
            ["messages"] = new JsonArray(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(part == "image_url"
                    ? new JsonObject { ["type"] = part, ["image_url"] = new JsonObject { ["url"] = "data:image/png;base64,AAAA" } }
                    : new JsonObject { ["type"] = part, ["input_audio"] = new JsonObject { ["data"] = "AAAA", ["format"] = "wav" } }),
            }),
        };

        var reply = await gateway.AskAsync(body, purpose: "payment");

        Assert.True(reply.Status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden, reply.Body);
        Assert.Empty(gateway.Fleet.Received);
    }
}
