using System.Net;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class AzureOpenAiWireTests : FleetTests
{
    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.Azure];

    [Fact]
    public async Task TheClassicDeploymentPath_Answers_WithContentFilterResults()
    {
        using var response = await Client.AskAsync(Provider, "hello PERSON_7QX_1");

        Assert.Equal("East US", response.Headers.GetValues("x-ms-region").Single());
        Assert.True(response.Headers.Contains("apim-request-id"));
        var json = await Talk.JsonAsync(response);
        Assert.Equal(0, json.GetProperty("prompt_filter_results")[0].GetProperty("prompt_index").GetInt32());
        Assert.False(json.GetProperty("choices")[0].GetProperty("content_filter_results").GetProperty("violence").GetProperty("filtered").GetBoolean());
    }

    [Fact]
    public async Task TheV1Path_TakesTheDeploymentFromTheModel_AndABearerToken()
    {
        var request = Talk.Request(Provider, Talk.Body(Provider, "hello"), path: "/openai/v1/chat/completions");
        request.Headers.Remove("api-key");
        request.Headers.Add("Authorization", $"Bearer {Provider.Credential}");
        using var response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task AStream_BeginsWithAChunkWithoutChoices()
    {
        using var response = await Client.AskAsync(Provider, "hello PERSON_7QX_1", stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.Empty(events[0].Json.GetProperty("choices").EnumerateArray());
        Assert.Equal("", events[0].Json.GetProperty("id").GetString());
        Assert.True(events[0].Json.TryGetProperty("prompt_filter_results", out _));
        Assert.Contains("hello PERSON_7QX_1", SseEvent.TextOf(events), StringComparison.Ordinal);
        Assert.Equal("[DONE]", events[^1].Data);
    }

    [Theory]
    [InlineData("/openai/deployments/gpt-4o-east/chat/completions", 404, "404")]
    [InlineData("/openai/deployments/other/chat/completions?api-version=2024-10-21", 404, "DeploymentNotFound")]
    [InlineData("/v1/chat/completions", 404, "404")]
    public async Task AWrongPath_IsNotFoundInAzuresShape(string path, int status, string code)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), path));

        Assert.Equal(status, (int)response.StatusCode);
        var error = (await Talk.JsonAsync(response)).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.False(error.TryGetProperty("type", out _));
    }

    [Fact]
    public async Task ABodyWithoutModel_IsFine_ButAnotherModelIsNot()
    {
        var body = Talk.Body(Provider, "x");
        body.Remove("model");
        using var none = await Client.SendAsync(Talk.Request(Provider, body));
        body["model"] = "other";
        using var other = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Equal(HttpStatusCode.OK, none.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task AWrongKey_IsDenied()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), credential: "wrong"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("401", (await Talk.JsonAsync(response)).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task AnInvalidMessage_KeepsTheOpenAiShape()
    {
        var body = new JsonObject { ["messages"] = new JsonArray() };
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Equal("messages", (await Talk.JsonAsync(response)).GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task ARateLimit_CarriesItsDelayInMillisecondsToo()
    {
        Provider.Behave(Fault.RateLimited(TimeSpan.FromMilliseconds(1_500)));
        using var response = await Client.AskAsync(Provider, "x");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("retry-after").Single());
        Assert.Equal("1500", response.Headers.GetValues("retry-after-ms").Single());
    }
}
