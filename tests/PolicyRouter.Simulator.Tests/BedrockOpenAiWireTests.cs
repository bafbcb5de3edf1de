using System.Net;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class BedrockOpenAiWireTests : FleetTests
{
    private const string Question = "Write to PERSON_7QX_1 about a long enough matter";

    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.BedrockOpenAi];

    [Fact]
    public async Task AModelThatIsNotAnthropics_AnswersAsACompletion_WithBedrocksHeaders()
    {
        using var response = await Client.AskAsync(Provider, Question);

        Assert.Equal("us-west-2", response.Headers.GetValues("x-amzn-bedrock-inference-region").Single());
        Assert.False(response.Headers.Contains("x-request-id"));
        var json = await Talk.JsonAsync(response);
        Assert.Equal("chat.completion", json.GetProperty("object").GetString());
        Assert.Equal(Provider.Model, json.GetProperty("model").GetString());
        Assert.Equal(
            response.Headers.GetValues("x-amzn-bedrock-output-token-count").Single(),
            json.GetProperty("usage").GetProperty("completion_tokens").GetRawText());
    }

    [Fact]
    public async Task AStream_IsServerSentEvents_WithTheTextOfTheWholeAnswer()
    {
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        Assert.Equal("text/event-stream", streamed.Content.Headers.ContentType!.MediaType);
        var events = await Talk.EventsAsync(streamed);
        Assert.Equal(Talk.TextOf(await Talk.JsonAsync(whole)), SseEvent.TextOf(events));
        Assert.Equal("[DONE]", events[^1].Data);
    }

    [Fact]
    public async Task AToolNamedInThePrompt_IsCalled_WholeAndStreamed()
    {
        var body = Talk.Body(Provider, "Use send_mail");
        body["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"send_mail"}}]""");
        using var whole = await Client.SendAsync(Talk.Request(Provider, body));
        body["stream"] = true;
        using var streamed = await Client.SendAsync(Talk.Request(Provider, body));

        var message = (await Talk.JsonAsync(whole)).GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("send_mail", message.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Contains("\"name\":\"send_mail\"", await streamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheModelList_NamesTheModel()
    {
        HttpRequestMessage list = new(HttpMethod.Get, new Uri(Provider.BaseUrl, "/openai/v1/models"));
        Talk.AddCredential(Provider.Wire, list, Provider.Credential!);
        using var models = await Client.SendAsync(list);

        Assert.Equal(Provider.Model, (await Talk.JsonAsync(models)).GetProperty("data")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/openai/v1/embeddings")]
    [InlineData("/model/openai.gpt-oss-120b-1%3A0/invoke")]
    public async Task AnotherPath_IsNotFound(string path)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), path));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("unknown_url", (await Talk.JsonAsync(response)).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task AnotherModel_IsNotFound_AndNoMessagesAreInvalid()
    {
        var body = Talk.Body(Provider, "x");
        body["model"] = "other";
        using var other = await Client.SendAsync(Talk.Request(Provider, body));
        body = Talk.Body(Provider, "x");
        body.Remove("messages");
        using var invalid = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Equal("model_not_found", (await Talk.JsonAsync(other)).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("messages", (await Talk.JsonAsync(invalid)).GetProperty("error").GetProperty("param").GetString());
        Assert.Equal("ValidationException", invalid.Headers.GetValues("x-amzn-errortype").Single());
    }

    [Fact]
    public async Task OnlyTheApiKeyAsABearerToken_GivesAccess()
    {
        using var wrong = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), credential: "wrong"));
        var request = Talk.Request(Provider, Talk.Body(Provider, "x"));
        request.Headers.Remove("Authorization");
        using var missing = await Client.SendAsync(request);

        foreach (var response in new[] { wrong, missing })
        {
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Equal("AccessDeniedException", response.Headers.GetValues("x-amzn-errortype").Single());
            Assert.Equal("access_denied", (await Talk.JsonAsync(response)).GetProperty("error").GetProperty("code").GetString());
        }
    }

    [Theory]
    [InlineData(403, "AccessDeniedException")]
    [InlineData(429, "ThrottlingException")]
    [InlineData(503, "ServiceUnavailableException")]
    public async Task AnErrorStatus_HasOpenAisShape(int status, string type)
    {
        Provider.Behave(Fault.Status(status));
        using var response = await Client.AskAsync(Provider, Question);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(type, response.Headers.GetValues("x-amzn-errortype").Single());
        Assert.NotEmpty((await Talk.JsonAsync(response)).GetProperty("error").GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task AnErrorInTheStream_HasOpenAisShape()
    {
        Provider.Behave(Fault.ErrorEvent(after: 2));
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.Equal("server_error", events[^1].Json.GetProperty("error").GetProperty("type").GetString());
    }
}
