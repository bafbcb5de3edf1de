using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class BedrockAnthropicWireTests : FleetTests
{
    private const string Question = "Write to PERSON_7QX_1 about a long enough matter — naïve 𝄞";
    private const string MessageBody = """{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""";

    protected override IReadOnlyList<ProviderProfile> Profiles =>
        [FleetOf.Bedrock, FleetOf.Bedrock with { Name = "by-arn", Model = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0" }];

    [Fact]
    public async Task APlainQuestion_IsAnsweredWithAMessageOfAnthropics_AndBedrocksHeaders()
    {
        using var response = await Client.AskAsync(Provider, Question);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.NotEmpty(Header(response, "x-amzn-requestid"));
        Assert.Equal("eu-central-1", Header(response, "x-amzn-bedrock-inference-region"));
        var json = await Talk.JsonAsync(response);
        Assert.StartsWith("msg_bdrk_", json.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("claude-sonnet-4-5-20250929", json.GetProperty("model").GetString());
        Assert.Equal("end_turn", json.GetProperty("stop_reason").GetString());
        Assert.Contains(Question, Talk.TextOf(json), StringComparison.Ordinal);
        Assert.Equal(Header(response, "x-amzn-bedrock-input-token-count"), json.GetProperty("usage").GetProperty("input_tokens").GetRawText());
        Assert.Equal(Header(response, "x-amzn-bedrock-output-token-count"), json.GetProperty("usage").GetProperty("output_tokens").GetRawText());
    }

    [Fact]
    public async Task AStream_HasOneEventPerMessage_AndTheTextOfTheWholeAnswer()
    {
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        Assert.Equal("application/vnd.amazon.eventstream", streamed.Content.Headers.ContentType!.MediaType);
        Assert.Equal("application/json", Header(streamed, "x-amzn-bedrock-content-type"));
        Assert.False(streamed.Headers.Contains("x-amzn-bedrock-output-token-count"));
        var messages = await MessagesAsync(streamed);
        Assert.All(messages, message =>
        {
            Assert.Equal("event", message.Headers[":message-type"]);
            Assert.Equal("chunk", message.Headers[":event-type"]);
            Assert.Equal("application/json", message.Headers[":content-type"]);
            Assert.Equal("abcdef", message.Json.GetProperty("p").GetString());
        });
        var events = messages.ConvertAll(message => message.Sse);
        Assert.Equal(["message_start", "content_block_start", "ping", "content_block_delta"], events.Take(4).Select(item => item.Name));
        Assert.Equal(["content_block_delta", "content_block_stop", "message_delta", "message_stop"], events.TakeLast(4).Select(item => item.Name));
        Assert.Equal(Talk.TextOf(await Talk.JsonAsync(whole)), SseEvent.TextOf(events));
    }

    [Fact]
    public async Task TheLastEventOfAStream_CarriesBedrocksMetrics()
    {
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var messages = await MessagesAsync(response);
        var metrics = messages[^1].Event.GetProperty("amazon-bedrock-invocationMetrics");
        Assert.Equal(messages[^2].Event.GetProperty("usage").GetProperty("input_tokens").GetInt32(), metrics.GetProperty("inputTokenCount").GetInt32());
        Assert.Equal(messages[^2].Event.GetProperty("usage").GetProperty("output_tokens").GetInt32(), metrics.GetProperty("outputTokenCount").GetInt32());
        Assert.Equal(1, metrics.GetProperty("invocationLatency").GetInt32());
        Assert.Equal(1, metrics.GetProperty("firstByteLatency").GetInt32());
    }

    [Fact]
    public async Task AModelIdWithASlash_IsRecognisedWhenItIsEncoded()
    {
        using var response = await Client.AskAsync(Fleet["by-arn"], Question);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task AToolNamedInThePrompt_IsCalled_WholeAndStreamed()
    {
        var body = Talk.Body(Provider, "send_mail to PERSON_7QX_1");
        body["tools"] = JsonNode.Parse("""[{"name":"send_mail","input_schema":{"type":"object","properties":{"to":{"type":"string"}}}}]""");
        using var whole = await Client.SendAsync(Talk.Request(Provider, body));
        using var streamed = await Client.SendAsync(Talk.Request(Provider, body, Talk.PathOf(Provider, stream: true)));

        var call = (await Talk.JsonAsync(whole)).GetProperty("content")[0];
        Assert.Equal("send_mail", call.GetProperty("name").GetString());
        Assert.Equal("send_mail to PERSON_7QX_1", call.GetProperty("input").GetProperty("to").GetString());
        var events = (await MessagesAsync(streamed)).ConvertAll(message => message.Event);
        var input = string.Concat(events.Where(item => item.GetProperty("type").GetString() is "content_block_delta")
            .Select(item => item.GetProperty("delta").GetProperty("partial_json").GetString()));
        Assert.Equal(call.GetProperty("input").GetRawText(), input);
        Assert.Equal("tool_use", events[^2].GetProperty("delta").GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task AScript_SeesThePrompt_AndWhetherItsAnswerIsStreamed()
    {
        Provider.AnswerWith(prompt => new Answer($"{prompt.Model} {prompt.Stream} {prompt.LastMessage}"));
        using var whole = await Client.AskAsync(Provider, "x");
        using var streamed = await Client.AskAsync(Provider, "x", stream: true);

        Assert.Equal($"{Provider.Model} False x", Talk.TextOf(await Talk.JsonAsync(whole)));
        Assert.Equal($"{Provider.Model} True x", SseEvent.TextOf((await MessagesAsync(streamed)).Select(message => message.Sse)));
    }

    [Theory]
    [InlineData("""{"model":"m","anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "[model]")]
    [InlineData("""{"stream":false,"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "[stream]")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "anthropic_version")]
    [InlineData("""{"anthropic_version":"2023-06-01","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "version")]
    [InlineData("""{"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"x"}]}""", "max_tokens")]
    [InlineData("""{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[]}""", "messages")]
    [InlineData("{", "Malformed")]
    public async Task AWrongBody_IsAValidationException(string body, string reason)
    {
        foreach (var stream in new[] { false, true })
        {
            using var response = await Client.SendAsync(Talk.Request(Provider, body, Talk.PathOf(Provider, stream)));

            Assert.Contains(reason, await RefusalAsync(response, 400, "ValidationException"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke", "ResourceNotFoundException")]
    [InlineData("/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse", "UnknownOperationException")]
    [InlineData("/v1/messages", "UnknownOperationException")]
    [InlineData("/openai/v1/chat/completions", "UnknownOperationException")]
    public async Task AWrongPath_IsNotFound(string path, string type)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, MessageBody, path));

        await RefusalAsync(response, 404, type);
    }

    [Fact]
    public async Task OnlyTheApiKeyAsABearerToken_GivesAccess()
    {
        using var wrong = await Client.SendAsync(Talk.Request(Provider, MessageBody, credential: "wrong"));
        var request = Talk.Request(Provider, MessageBody);
        request.Headers.Remove("Authorization");
        request.Headers.Add("x-api-key", Provider.Credential);
        using var missing = await Client.SendAsync(request);

        await RefusalAsync(wrong, 403, "AccessDeniedException");
        await RefusalAsync(missing, 403, "AccessDeniedException");
    }

    [Theory]
    [InlineData(400, "ValidationException")]
    [InlineData(403, "AccessDeniedException")]
    [InlineData(404, "ResourceNotFoundException")]
    [InlineData(408, "ModelTimeoutException")]
    [InlineData(424, "ModelErrorException")]
    [InlineData(429, "ThrottlingException")]
    [InlineData(500, "InternalServerException")]
    [InlineData(503, "ServiceUnavailableException")]
    public async Task AnErrorStatus_HasItsExceptionInAHeader_AndNoDelay(int status, string type)
    {
        Provider.Behave(Fault.Status(status));
        foreach (var stream in new[] { false, true })
        {
            using var response = await Client.AskAsync(Provider, Question, stream);

            await RefusalAsync(response, status, type);
            Assert.Null(response.Headers.RetryAfter);
        }
    }

    [Theory]
    [InlineData(408, "modelTimeoutException")]
    [InlineData(424, "modelStreamErrorException")]
    [InlineData(429, "throttlingException")]
    [InlineData(500, "internalServerException")]
    [InlineData(503, "serviceUnavailableException")]
    [InlineData(529, "serviceUnavailableException")]
    public async Task AnErrorInTheStream_IsAnException_AndTheLastMessage(int status, string type)
    {
        Provider.Behave(Fault.ErrorEvent(after: 2, status));
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var messages = await MessagesAsync(response);
        Assert.Equal("exception", messages[^1].Headers[":message-type"]);
        Assert.Equal(type, messages[^1].Headers[":exception-type"]);
        Assert.NotEmpty(messages[^1].Json.GetProperty("message").GetString()!);
        Assert.Equal(2, messages.SkipLast(1).Count(message => message.Sse.Name is "content_block_delta"));
        Assert.DoesNotContain(messages.SkipLast(1), message => message.Sse.Name is "message_delta" or "message_stop");
    }

    [Fact]
    public async Task AMalformedStream_HasAMessageWithAWrongChecksum()
    {
        Provider.Behave(Fault.Malformed(after: 2));
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.Throws<InvalidDataException>(() => AwsMessage.Parse(bytes));
        bytes[^1] ^= 0xFF;
        Assert.Equal(2, AwsMessage.Parse(bytes).Count(message => message.Sse.Name is "content_block_delta"));
    }

    [Fact]
    public async Task ACutStream_EndsAfterWholeMessages_AndACutAnswerInTheMiddle()
    {
        Provider.Behave(Fault.Cut(after: 4));
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);
        var (bytes, brokenStream) = await Talk.ReadBytesUntilBrokenAsync(streamed);
        using var whole = await Client.AskAsync(Provider, Question);
        var (half, brokenAnswer) = await Talk.ReadBytesUntilBrokenAsync(whole);

        Assert.IsType<HttpIOException>(brokenStream);
        Assert.Equal("application/vnd.amazon.eventstream", streamed.Content.Headers.ContentType!.MediaType);
        Assert.Equal(4, AwsMessage.Parse(bytes).Count(message => message.Sse.Name is "content_block_delta"));
        Assert.IsType<HttpIOException>(brokenAnswer);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(Encoding.UTF8.GetString(half)));
    }

    [Fact]
    public async Task AMissingTerminator_IsTheOnlyThingMissing()
    {
        Provider.Behave(Fault.NoTerminator);
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var messages = await MessagesAsync(response);
        Assert.Contains(Question, SseEvent.TextOf(messages.Select(message => message.Sse)), StringComparison.Ordinal);
        Assert.Equal("message_delta", messages[^1].Sse.Name);
    }

    private static async Task<List<AwsMessage>> MessagesAsync(HttpResponseMessage response) =>
        AwsMessage.Parse(await response.Content.ReadAsByteArrayAsync());

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    /// <summary>Checks the shape of a refusal; returns its message.</summary>
    private static async Task<string> RefusalAsync(HttpResponseMessage response, int status, string type)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(type, Header(response, "x-amzn-errortype"));
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var member = Assert.Single((await Talk.JsonAsync(response)).EnumerateObject());
        Assert.Equal("message", member.Name);
        return member.Value.GetString()!;
    }
}
