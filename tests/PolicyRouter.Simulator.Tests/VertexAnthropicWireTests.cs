using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class VertexAnthropicWireTests : FleetTests
{
    private const string Question = "Write to PERSON_7QX_1 about a long enough matter";
    private const string MessageBody = """{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""";

    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.VertexAnthropic];

    [Fact]
    public async Task APlainQuestion_IsAnsweredWithAMessageOfAnthropics()
    {
        using var response = await Client.AskAsync(Provider, Question);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("req_vrtx_", response.Headers.GetValues("request-id").Single(), StringComparison.Ordinal);
        var json = await Talk.JsonAsync(response);
        Assert.StartsWith("msg_vrtx_", json.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("claude-sonnet-4-5-20250929", json.GetProperty("model").GetString());
        Assert.Equal("end_turn", json.GetProperty("stop_reason").GetString());
        Assert.Contains(Question, Talk.TextOf(json), StringComparison.Ordinal);
        Assert.True(json.GetProperty("usage").GetProperty("input_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task AStream_IsAnthropicsNamedEvents_WithTheTextOfTheWholeAnswer()
    {
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        Assert.Equal("text/event-stream", streamed.Content.Headers.ContentType!.MediaType);
        var events = await Talk.EventsAsync(streamed);
        Assert.Equal("message_start", events[0].Name);
        Assert.Equal("message_stop", events[^1].Name);
        Assert.Equal(Talk.TextOf(await Talk.JsonAsync(whole)), SseEvent.TextOf(events));
    }

    [Fact]
    public async Task AToolNamedInThePrompt_IsCalled_WholeAndStreamed()
    {
        var body = Talk.Body(Provider, "send_mail to PERSON_7QX_1");
        body["tools"] = JsonNode.Parse("""[{"name":"send_mail","input_schema":{"type":"object","properties":{"to":{"type":"string"}}}}]""");
        using var whole = await Client.SendAsync(Talk.Request(Provider, body));
        body["stream"] = true;
        using var streamed = await Client.SendAsync(Talk.Request(Provider, body, Talk.PathOf(Provider, stream: true)));

        var call = (await Talk.JsonAsync(whole)).GetProperty("content")[0];
        Assert.Equal("send_mail", call.GetProperty("name").GetString());
        var events = await Talk.EventsAsync(streamed);
        var input = string.Concat(events.Where(item => item.Name is "content_block_delta")
            .Select(item => item.Json.GetProperty("delta").GetProperty("partial_json").GetString()));
        Assert.Equal(call.GetProperty("input").GetRawText(), input);
        Assert.Equal("tool_use", events[^2].Json.GetProperty("delta").GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task AScript_SeesThePrompt_AndWhetherItsAnswerIsStreamed()
    {
        Provider.AnswerWith(prompt => new Answer($"{prompt.Model} {prompt.Stream} {prompt.LastMessage}"));
        using var whole = await Client.AskAsync(Provider, "x");
        using var streamed = await Client.AskAsync(Provider, "x", stream: true);

        Assert.Equal($"{Provider.Model} False x", Talk.TextOf(await Talk.JsonAsync(whole)));
        Assert.Equal($"{Provider.Model} True x", SseEvent.TextOf(await Talk.EventsAsync(streamed)));
    }

    [Theory]
    [InlineData("""{"model":"m","anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "model")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "anthropic_version")]
    [InlineData("""{"anthropic_version":"2023-06-01","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "anthropic_version")]
    [InlineData("""{"stream":true,"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "stream")]
    [InlineData("{", "JSON")]
    public async Task AWrongEnvelope_IsAnInvalidArgument(string body, string reason)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Contains(reason, await GoogleRefusal.MessageAsync(response, 400, "INVALID_ARGUMENT"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamThatTheBodyDoesNotAskFor_IsAnInvalidArgument()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, MessageBody, Talk.PathOf(Provider, stream: true)));

        Assert.Contains("stream", await GoogleRefusal.MessageAsync(response, 400, "INVALID_ARGUMENT"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABodyThatIsNoMessagesRequest_IsRefusedByTheModel_InAnthropicsShape()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, """{"anthropic_version":"vertex-2023-10-16","max_tokens":9}"""));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var json = await Talk.JsonAsync(response);
        Assert.Equal("error", json.GetProperty("type").GetString());
        Assert.Equal("invalid_request_error", json.GetProperty("error").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("/v1/projects/acme-prod/locations/europe-west4/publishers/anthropic/models/claude-haiku-4-5@20251001:rawPredict")]
    [InlineData("/v1/projects/acme-prod/locations/europe-west4/publishers/anthropic/models/claude-sonnet-4-5@20250929:predict")]
    [InlineData("/v1/projects/acme-prod/locations/europe-west4/publishers/google/models/claude-sonnet-4-5@20250929:rawPredict")]
    [InlineData("/v1/projects/acme-prod/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict")]
    [InlineData("/v1/messages")]
    public async Task AWrongPath_IsNotFound(string path)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, MessageBody, path));

        await GoogleRefusal.MessageAsync(response, 404, "NOT_FOUND");
    }

    [Fact]
    public async Task OnlyTheBearerToken_GivesAccess()
    {
        using var wrong = await Client.SendAsync(Talk.Request(Provider, MessageBody, credential: "wrong"));
        var request = Talk.Request(Provider, MessageBody);
        request.Headers.Remove("Authorization");
        request.Headers.Add("x-api-key", Provider.Credential);
        using var missing = await Client.SendAsync(request);

        await GoogleRefusal.MessageAsync(wrong, 401, "UNAUTHENTICATED");
        await GoogleRefusal.MessageAsync(missing, 401, "UNAUTHENTICATED");
    }

    [Fact]
    public async Task TheCountEndpoint_CountsForTheModelInTheBody()
    {
        var path = Talk.VertexPath("anthropic", "count-tokens:rawPredict");
        var body = Talk.Body(Provider, "12345678");
        body.Remove("max_tokens");
        body["model"] = Provider.Model;
        using var counted = await Client.SendAsync(Talk.Request(Provider, body, path));
        body["model"] = "other";
        using var other = await Client.SendAsync(Talk.Request(Provider, body, path));
        body["model"] = Provider.Model;
        body.Remove("anthropic_version");
        using var unversioned = await Client.SendAsync(Talk.Request(Provider, body, path));

        Assert.Equal(2, (await Talk.JsonAsync(counted)).GetProperty("input_tokens").GetInt32());
        await GoogleRefusal.MessageAsync(other, 404, "NOT_FOUND");
        await GoogleRefusal.MessageAsync(unversioned, 400, "INVALID_ARGUMENT");
    }

    [Theory]
    [InlineData(400, "INVALID_ARGUMENT")]
    [InlineData(401, "UNAUTHENTICATED")]
    [InlineData(403, "PERMISSION_DENIED")]
    [InlineData(404, "NOT_FOUND")]
    [InlineData(429, "RESOURCE_EXHAUSTED")]
    [InlineData(500, "INTERNAL")]
    [InlineData(503, "UNAVAILABLE")]
    [InlineData(504, "DEADLINE_EXCEEDED")]
    public async Task AnErrorStatus_HasGooglesShape_AndNoDelay(int status, string name)
    {
        Provider.Behave(Fault.Status(status));
        foreach (var stream in new[] { false, true })
        {
            using var response = await Client.AskAsync(Provider, Question, stream);

            await GoogleRefusal.MessageAsync(response, status, name);
            Assert.Null(response.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task AnOverloadedModel_IsAnthropicsError_WholeAndInTheStream()
    {
        Provider.Next(Fault.Overloaded, Fault.ErrorEvent(after: 2));
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        Assert.Equal("overloaded_error", (await Talk.JsonAsync(whole)).GetProperty("error").GetProperty("type").GetString());
        var events = await Talk.EventsAsync(streamed);
        Assert.Equal("error", events[^1].Name);
        Assert.Equal("overloaded_error", events[^1].Json.GetProperty("error").GetProperty("type").GetString());
        Assert.DoesNotContain(events, item => item.Name is "message_delta" or "message_stop");
    }

    [Fact]
    public async Task MalformedCutAndUnterminatedStreams_AreThoseOfAnthropicsWire()
    {
        Provider.Next(Fault.Malformed(after: 2), Fault.Cut(after: 4), Fault.NoTerminator);
        using var malformed = await Client.AskAsync(Provider, Question, stream: true);
        using var cut = await Client.AskAsync(Provider, Question, stream: true);
        var (text, broken) = await Talk.ReadUntilBrokenAsync(cut);
        using var unterminated = await Client.AskAsync(Provider, Question, stream: true);

        var events = await Talk.EventsAsync(malformed);
        Assert.ThrowsAny<JsonException>(() => events[^1].Json);
        Assert.IsType<HttpIOException>(broken);
        Assert.Equal(4, SseEvent.Parse(text).Count(item => item.Name is "content_block_delta"));
        Assert.Equal("message_delta", (await Talk.EventsAsync(unterminated))[^1].Name);
    }
}
