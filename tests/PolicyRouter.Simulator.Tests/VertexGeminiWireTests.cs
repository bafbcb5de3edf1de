using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class VertexGeminiWireTests : FleetTests
{
    private const string Question = "Write to PERSON_7QX_1 about a long enough matter — naïve 𝄞";

    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.VertexGemini];

    [Fact]
    public async Task APlainQuestion_IsAnsweredWithACandidate()
    {
        using var response = await Client.AskAsync(Provider, Question);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var json = await Talk.JsonAsync(response);
        var candidate = Assert.Single(json.GetProperty("candidates").EnumerateArray());
        Assert.Equal("model", candidate.GetProperty("content").GetProperty("role").GetString());
        Assert.Equal("STOP", candidate.GetProperty("finishReason").GetString());
        Assert.Equal(0, candidate.GetProperty("index").GetInt32());
        Assert.Contains(Question, Talk.TextOf(json), StringComparison.Ordinal);
        var usage = json.GetProperty("usageMetadata");
        Assert.Equal(
            usage.GetProperty("promptTokenCount").GetInt32() + usage.GetProperty("candidatesTokenCount").GetInt32(),
            usage.GetProperty("totalTokenCount").GetInt32());
        Assert.Equal(Provider.Model, json.GetProperty("modelVersion").GetString());
        Assert.True(json.GetProperty("createTime").TryGetDateTimeOffset(out _));
        Assert.NotEmpty(json.GetProperty("responseId").GetString()!);
    }

    [Fact]
    public async Task AStream_IsNamelessEvents_WithTheTextOfTheWholeAnswer_AndTheFinishReasonLast()
    {
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        Assert.Equal("text/event-stream", streamed.Content.Headers.ContentType!.MediaType);
        var events = await Talk.EventsAsync(streamed);
        Assert.Equal(Talk.TextOf(await Talk.JsonAsync(whole)), SseEvent.TextOf(events));
        Assert.True(events.Count > 2);
        Assert.All(events, item => Assert.Null(item.Name));
        Assert.All(events, item => Assert.Equal(Provider.Model, item.Json.GetProperty("modelVersion").GetString()));
        Assert.Single(events.Select(item => item.Json.GetProperty("responseId").GetString()).Distinct());
        Assert.All(events[..^1], item => Assert.False(HasFinish(item)));
        Assert.Equal("STOP", events[^1].Json.GetProperty("candidates")[0].GetProperty("finishReason").GetString());
        Assert.True(events[^1].Json.GetProperty("usageMetadata").GetProperty("totalTokenCount").GetInt32() > 0);
    }

    [Fact]
    public async Task FunctionsNamedInThePrompt_AreCalled_WithOneSignature_AndFinishWithStop()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, WithTools("send_mail and look_up PERSON_7QX_1")));

        var candidate = (await Talk.JsonAsync(response)).GetProperty("candidates")[0];
        var parts = candidate.GetProperty("content").GetProperty("parts").EnumerateArray().ToList();
        Assert.Equal(["send_mail", "look_up"], parts.Select(part => part.GetProperty("functionCall").GetProperty("name").GetString()));
        var arguments = parts[0].GetProperty("functionCall").GetProperty("args");
        Assert.Equal("send_mail and look_up PERSON_7QX_1", arguments.GetProperty("to").GetString());
        Assert.Equal(1, arguments.GetProperty("copies").GetInt32());
        Assert.NotEmpty(parts[0].GetProperty("thoughtSignature").GetBytesFromBase64());
        Assert.False(parts[1].TryGetProperty("thoughtSignature", out _));
        Assert.Equal("STOP", candidate.GetProperty("finishReason").GetString());
    }

    [Fact]
    public async Task StreamedCalls_ComeWhole_OnePerChunk()
    {
        var body = WithTools("send_mail and look_up PERSON_7QX_1");
        using var response = await Client.SendAsync(Talk.Request(Provider, body, Talk.PathOf(Provider, stream: true)));

        var events = await Talk.EventsAsync(response);
        Assert.Equal(3, events.Count);
        var parts = events.ConvertAll(item => item.Json.GetProperty("candidates")[0].GetProperty("content").GetProperty("parts")[0]);
        Assert.Equal(["send_mail", "look_up"], parts[..2].Select(part => part.GetProperty("functionCall").GetProperty("name").GetString()));
        Assert.All(parts[..2], part => Assert.Equal(JsonValueKind.Object, part.GetProperty("functionCall").GetProperty("args").ValueKind));
        Assert.True(parts[0].TryGetProperty("thoughtSignature", out _));
        Assert.False(parts[1].TryGetProperty("thoughtSignature", out _));
        Assert.Equal("STOP", events[^1].Json.GetProperty("candidates")[0].GetProperty("finishReason").GetString());
    }

    [Fact]
    public async Task AForcedFunction_IsCalled_AndItsResponseIsAnsweredInText()
    {
        var body = WithTools("anything for PERSON_7QX_1");
        body["toolConfig"] = JsonNode.Parse("""{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["look_up"]}}""");
        using var first = await Client.SendAsync(Talk.Request(Provider, body));
        var content = (await Talk.JsonAsync(first)).GetProperty("candidates")[0].GetProperty("content");
        Assert.Equal("look_up", content.GetProperty("parts")[0].GetProperty("functionCall").GetProperty("name").GetString());

        body.Remove("toolConfig");
        body["contents"]!.AsArray().Add(JsonNode.Parse(content.GetRawText()));
        body["contents"]!.AsArray().Add(JsonNode.Parse(
            """{"role":"user","parts":[{"functionResponse":{"name":"look_up","response":{"result":"look_up found PERSON_7QX_2"}}}]}"""));
        using var second = await Client.SendAsync(Talk.Request(Provider, body));
        Assert.Contains("found PERSON_7QX_2", Talk.TextOf(await Talk.JsonAsync(second)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModeOfNone_AllowsNoCalls()
    {
        var body = WithTools("send_mail");
        body["toolConfig"] = JsonNode.Parse("""{"functionCallingConfig":{"mode":"NONE"}}""");
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Contains("send_mail", Talk.TextOf(await Talk.JsonAsync(response)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSystemInstruction_Counts_AndATokenLimitSaysMaxTokens()
    {
        var body = Talk.Body(Provider, "12345678");
        body["systemInstruction"] = JsonNode.Parse("""{"parts":[{"text":"1234"}]}""");
        body["generationConfig"] = new JsonObject { ["maxOutputTokens"] = 2, ["candidateCount"] = 2 };
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        var json = await Talk.JsonAsync(response);
        Assert.Equal(3, json.GetProperty("usageMetadata").GetProperty("promptTokenCount").GetInt32());
        Assert.Equal(4, json.GetProperty("usageMetadata").GetProperty("candidatesTokenCount").GetInt32());
        var candidates = json.GetProperty("candidates").EnumerateArray().ToList();
        Assert.Equal([0, 1], candidates.Select(candidate => candidate.GetProperty("index").GetInt32()));
        Assert.All(candidates, candidate => Assert.Equal("MAX_TOKENS", candidate.GetProperty("finishReason").GetString()));
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
    [InlineData(400, "INVALID_ARGUMENT")]
    [InlineData(403, "PERMISSION_DENIED")]
    [InlineData(429, "RESOURCE_EXHAUSTED")]
    [InlineData(500, "INTERNAL")]
    [InlineData(503, "UNAVAILABLE")]
    public async Task AnErrorStatus_HasGooglesShape_WholeAndInTheStream(int status, string name)
    {
        Provider.Next(Fault.Status(status), Fault.ErrorEvent(after: 2, status));
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        await GoogleRefusal.MessageAsync(whole, status, name);
        Assert.Null(whole.Headers.RetryAfter);
        var events = await Talk.EventsAsync(streamed);
        Assert.Equal(3, events.Count);
        Assert.Equal(name, events[^1].Json.GetProperty("error").GetProperty("status").GetString());
        Assert.Equal(status, events[^1].Json.GetProperty("error").GetProperty("code").GetInt32());
        Assert.DoesNotContain(events, HasFinish);
    }

    [Fact]
    public async Task AMalformedStream_ContainsAnEventThatIsNoJson()
    {
        Provider.Behave(Fault.Malformed(after: 2));
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.Equal(3, events.Count);
        Assert.ThrowsAny<JsonException>(() => events[^1].Json);
    }

    [Fact]
    public async Task ACut_EndsTheConnectionBeforeTheAnswer()
    {
        Provider.Behave(Fault.Cut(after: 4));
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);
        var (text, brokenStream) = await Talk.ReadUntilBrokenAsync(streamed);
        using var whole = await Client.AskAsync(Provider, Question);
        var (_, brokenAnswer) = await Talk.ReadUntilBrokenAsync(whole);

        Assert.IsType<HttpIOException>(brokenStream);
        Assert.Equal(4, SseEvent.Parse(text).Count);
        Assert.IsType<HttpIOException>(brokenAnswer);
    }

    [Fact]
    public async Task AMissingTerminator_IsTheMissingFinishReason()
    {
        Provider.Behave(Fault.NoTerminator);
        using var response = await Client.AskAsync(Provider, Question, stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.Contains(Question, SseEvent.TextOf(events), StringComparison.Ordinal);
        Assert.DoesNotContain(events, HasFinish);
    }

    [Fact]
    public async Task AnEmptyAnswer_IsWellFormed()
    {
        Provider.Behave(Fault.EmptyAnswer);
        using var whole = await Client.AskAsync(Provider, Question);
        using var streamed = await Client.AskAsync(Provider, Question, stream: true);

        Assert.Equal("", Talk.TextOf(await Talk.JsonAsync(whole)));
        Assert.True(HasFinish(Assert.Single(await Talk.EventsAsync(streamed))));
    }

    private static bool HasFinish(SseEvent item) => item.Data.Contains("\"finishReason\"", StringComparison.Ordinal);

    private JsonObject WithTools(string text)
    {
        var body = Talk.Body(Provider, text);
        body["tools"] = JsonNode.Parse("""
            [{"functionDeclarations":[
              {"name":"send_mail","description":"Sends a mail.","parameters":{"type":"OBJECT","properties":{"to":{"type":"STRING"},"copies":{"type":"INTEGER"}}}},
              {"name":"look_up","parametersJsonSchema":{"type":"object","properties":{"who":{"type":"string"}}}}]}]
            """);
        return body;
    }
}
