using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Answers;

namespace PolicyRouter.Simulator.Tests;

public sealed class OpenAiWireTests : FleetTests
{
    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.OpenAi];

    [Fact]
    public async Task APlainQuestion_IsAnsweredWithACompletionThatRepeatsIt()
    {
        using var response = await Client.AskAsync(Provider, "Write to PERSON_7QX_1, born DATE_7QX_2 — naïve \u2028 𝄞");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
        Assert.True(int.Parse(response.Headers.GetValues("openai-processing-ms").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 0);
        var json = await Talk.JsonAsync(response);
        Assert.Equal("chat.completion", json.GetProperty("object").GetString());
        Assert.Equal(Provider.Model, json.GetProperty("model").GetString());
        Assert.StartsWith("chatcmpl-", json.GetProperty("id").GetString(), StringComparison.Ordinal);
        var choice = json.GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("refusal").ValueKind);
        Assert.Contains("Write to PERSON_7QX_1, born DATE_7QX_2 — naïve \u2028 𝄞", choice.GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
        var usage = json.GetProperty("usage");
        Assert.Equal(
            usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32(),
            usage.GetProperty("total_tokens").GetInt32());
        Assert.Equal(0, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public async Task AStream_HasRoleFirst_ThenPiecesThatCutThePlaceholder_ThenFinishUsageAndDone()
    {
        var body = Talk.Body(Provider, "Write to PERSON_7QX_1 please", stream: true);
        body["stream_options"] = new JsonObject { ["include_usage"] = true };
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = await Talk.EventsAsync(response);
        Assert.Equal("assistant", events[0].Json.GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Single(events, item => item.Data.Contains("\"role\"", StringComparison.Ordinal));
        Assert.Contains("Write to PERSON_7QX_1 please", SseEvent.TextOf(events), StringComparison.Ordinal);
        Assert.DoesNotContain(events, item => item.Data.Contains("PERSON_7QX_1", StringComparison.Ordinal));
        Assert.Equal("stop", events[^3].Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Empty(events[^2].Json.GetProperty("choices").EnumerateArray());
        Assert.True(events[^2].Json.GetProperty("usage").GetProperty("total_tokens").GetInt32() > 0);
        Assert.All(events[..^2], item => Assert.Equal(JsonValueKind.Null, item.Json.GetProperty("usage").ValueKind));
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Single(events[..^1].Select(item => item.Json.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task AStreamWithoutTheUsageOption_CarriesNoUsage()
    {
        using var response = await Client.AskAsync(Provider, "hello", stream: true);

        Assert.DoesNotContain(await Talk.EventsAsync(response), item => item.Data.Contains("\"usage\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SeveralChoices_AreAllAnswered_InterleavedInAStream()
    {
        var body = Talk.Body(Provider, "three please", stream: true);
        body["n"] = 3;
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        var choices = (await Talk.EventsAsync(response)).Where(item => item.Data != "[DONE]")
            .Select(item => item.Json.GetProperty("choices")[0]).ToList();
        Assert.Equal([0, 1, 2, 0, 1, 2], choices.Select(choice => choice.GetProperty("index").GetInt32()).Take(6));
        Assert.Equal(3, choices.Count(choice => choice.GetProperty("finish_reason").ValueKind is JsonValueKind.String));
    }

    [Fact]
    public async Task AToolNamedInThePrompt_IsCalled_WithThePlaceholderInItsArguments()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, WithTools("Use send_mail for PERSON_7QX_1", stream: false)));

        var choice = (await Talk.JsonAsync(response)).GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
        var call = choice.GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal("send_mail", call.GetProperty("function").GetProperty("name").GetString());
        using var arguments = JsonDocument.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!);
        Assert.Equal("Use send_mail for PERSON_7QX_1", arguments.RootElement.GetProperty("to").GetString());
        Assert.Equal(1, arguments.RootElement.GetProperty("copies").GetInt32());
    }

    [Fact]
    public async Task StreamedToolCalls_StartWithIdAndName_AndTheirArgumentsJoinToJson()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, WithTools("send_mail and look_up PERSON_7QX_1", stream: true)));

        var events = await Talk.EventsAsync(response);
        var deltas = events.Where(item => item.Data.Contains("tool_calls\":[", StringComparison.Ordinal))
            .Select(item => item.Json.GetProperty("choices")[0].GetProperty("delta").GetProperty("tool_calls")[0]).ToList();
        foreach (var (index, name) in new[] { (0, "send_mail"), (1, "look_up") })
        {
            var ofCall = deltas.Where(delta => delta.GetProperty("index").GetInt32() == index).ToList();
            Assert.Equal(name, ofCall[0].GetProperty("function").GetProperty("name").GetString());
            Assert.StartsWith("call_", ofCall[0].GetProperty("id").GetString(), StringComparison.Ordinal);
            Assert.All(ofCall[1..], delta => Assert.False(delta.TryGetProperty("id", out _)));
            using var joined = JsonDocument.Parse(string.Concat(ofCall.Select(delta => delta.GetProperty("function").GetProperty("arguments").GetString())));
            Assert.Equal(JsonValueKind.Object, joined.RootElement.ValueKind);
        }

        Assert.Equal("tool_calls", events[^2].Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task AToolResult_IsAnsweredInText()
    {
        var body = WithTools("Use send_mail", stream: false);
        var messages = body["messages"]!.AsArray();
        messages.Add(JsonNode.Parse("""{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"send_mail","arguments":"{}"}}]}"""));
        messages.Add(JsonNode.Parse("""{"role":"tool","tool_call_id":"call_1","content":"send_mail done for PERSON_7QX_1"}"""));
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        var message = (await Talk.JsonAsync(response)).GetProperty("choices")[0].GetProperty("message");
        Assert.Contains("send_mail done for PERSON_7QX_1", message.GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenLimit_CutsTheAnswer_AndSaysLength()
    {
        var body = Talk.Body(Provider, "a rather long sentence to be repeated");
        body["max_tokens"] = 3;
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        var json = await Talk.JsonAsync(response);
        Assert.Equal("length", json.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(3, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task AScriptedAnswer_ReplacesTheEcho_UntilTakenBack()
    {
        Provider.AnswerWith(prompt => new Answer($"{prompt.LastMessage.Length} characters"));
        using var scripted = await Client.AskAsync(Provider, "12345");
        Provider.AnswerWith(null);
        using var echoed = await Client.AskAsync(Provider, "12345");

        Assert.Equal("5 characters", Content(await Talk.JsonAsync(scripted)));
        Assert.Contains("12345", Content(await Talk.JsonAsync(echoed)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", 400, null, null)]
    [InlineData("""{"model":"other","messages":[{"role":"user","content":"x"}]}""", 404, null, "model_not_found")]
    [InlineData("""{"model":"gpt-4o-2024-11-20"}""", 400, "messages", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[]}""", 400, "messages", "invalid_type")]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[{"role":"boss","content":"x"}]}""", 400, "messages[0].role", "invalid_value")]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[{"role":"user"}]}""", 400, "messages[0].content", "invalid_type")]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[{"role":"tool","tool_call_id":"c","content":"x"}]}""", 400, "messages[0].role", null)]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", 400, "stream_options", null)]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[{"role":"user","content":"x"}],"temperature":3}""", 400, "temperature", "invalid_value")]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[{"role":"user","content":"x"}],"max_tokens":0}""", 400, "max_tokens", "integer_below_min_value")]
    [InlineData("""{"model":"gpt-4o-2024-11-20","messages":[""", 400, null, null)]
    [InlineData("[1]", 400, null, null)]
    public async Task AWrongRequest_IsRefusedInTheOpenAiShape(string body, int status, string? param, string? code)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Equal(status, (int)response.StatusCode);
        var error = (await Talk.JsonAsync(response)).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task AWrongOrMissingKey_Is401_AndTheKeyIsNotRepeated()
    {
        using var wrong = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), credential: "sk-wrong"));
        var missing = Talk.Request(Provider, Talk.Body(Provider, "x"));
        missing.Headers.Remove("Authorization");
        using var none = await Client.SendAsync(missing);

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("invalid_api_key", (await Talk.JsonAsync(wrong)).GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain("sk-wrong", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
    }

    [Fact]
    public async Task ABasePath_TheModelList_AndAnUnknownPath_AreServedLikeACompatibleServer()
    {
        using var underBase = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), path: "/some/base/chat/completions"));
        HttpRequestMessage list = new(HttpMethod.Get, new Uri(Provider.BaseUrl, "/v1/models"));
        Talk.AddCredential(Provider.Wire, list, Provider.Credential!);
        using var models = await Client.SendAsync(list);
        using var unknown = await Client.SendAsync(Talk.Request(Provider, "{}", path: "/v1/nothing"));

        Assert.Equal(HttpStatusCode.OK, underBase.StatusCode);
        Assert.Equal(Provider.Model, (await Talk.JsonAsync(models)).GetProperty("data")[0].GetProperty("id").GetString());
        Assert.Equal("unknown_url", (await Talk.JsonAsync(unknown)).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Embeddings_AreTheSameForTheSameText_AsFloatsAndAsBase64()
    {
        JsonObject body = new() { ["model"] = Provider.Model, ["input"] = new JsonArray("a", "b", "a"), ["dimensions"] = 4 };
        using var floats = await Client.SendAsync(Talk.Request(Provider, body, path: "/v1/embeddings"));
        body["encoding_format"] = "base64";
        using var encoded = await Client.SendAsync(Talk.Request(Provider, body, path: "/v1/embeddings"));

        var data = (await Talk.JsonAsync(floats)).GetProperty("data");
        Assert.Equal(data[0].GetProperty("embedding").GetRawText(), data[2].GetProperty("embedding").GetRawText());
        Assert.NotEqual(data[0].GetProperty("embedding").GetRawText(), data[1].GetProperty("embedding").GetRawText());
        var bytes = (await Talk.JsonAsync(encoded)).GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(data[0].GetProperty("embedding")[0].GetSingle(), BitConverter.ToSingle(bytes));
    }

    private static string Content(JsonElement completion) =>
        completion.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    private JsonObject WithTools(string text, bool stream)
    {
        var body = Talk.Body(Provider, text, stream);
        body["tools"] = JsonNode.Parse("""
            [{"type":"function","function":{"name":"send_mail","parameters":{"type":"object","properties":{"to":{"type":"string"},"copies":{"type":"integer"}}}}},
             {"type":"function","function":{"name":"look_up"}}]
            """);
        return body;
    }
}
