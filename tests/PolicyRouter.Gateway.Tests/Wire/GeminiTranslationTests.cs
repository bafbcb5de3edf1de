using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Gemini;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Chat completions as generateContent, there and back.</summary>
public sealed class GeminiTranslationTests
{
    private const string Calls = """
        [{"id":"c1","type":"function","function":{"name":"find","arguments":"{\"id\":7}"},"extra_content":{"google":{"thought_signature":"c2ln"}}},
         {"id":"c2","type":"function","function":{"name":"list","arguments":""}}]
        """;

    [Fact]
    public void AConversationWithToolsAndImages_IsTranslated()
    {
        const string Template = """
            {"model":"m","messages":[
              {"role":"system","content":"Be short."},
              {"role":"developer","content":[{"type":"text","text":"In French."}]},
              {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"} }]},
              {"role":"assistant","content":null,"tool_calls":CALLS},
              {"role":"tool","tool_call_id":"c1","content":"seven"},
              {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],
             "tools":[{"type":"function","function":{"name":"find","description":"d","parameters":{"type":"object","properties":{"id":{"type":"integer"} } },"strict":false} },
                      {"type":"function","function":{"name":"list"} }],
             "tool_choice":{"type":"function","function":{"name":"find"} },
             "temperature":1.5,"top_p":0.9,"seed":3,"max_completion_tokens":50,"stop":["END"],"stream":true,"stream_options":{"include_usage":true},
             "response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}} }
            """;

        AssertJson(
            """
            {"model":"m",
             "systemInstruction":{"parts":[{"text":"Be short."},{"text":"In French."}]},
             "contents":[
               {"role":"user","parts":[{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},
               {"role":"model","parts":[
                 {"functionCall":{"name":"find","args":{"id":7}},"thoughtSignature":"c2ln"},
                 {"functionCall":{"name":"list","args":{}}}]},
               {"role":"user","parts":[
                 {"functionResponse":{"name":"find","response":{"output":"seven"}}},
                 {"functionResponse":{"name":"list","response":{"output":"ab"}}}]}],
             "tools":[{"functionDeclarations":[
               {"name":"find","description":"d","parametersJsonSchema":{"type":"object","properties":{"id":{"type":"integer"}}}},{"name":"list"}]}],
             "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["find"]}},
             "generationConfig":{"maxOutputTokens":50,"temperature":1.5,"topP":0.9,"seed":3,"stopSequences":["END"],
               "responseMimeType":"application/json","responseJsonSchema":{"type":"object"}} }
            """,
            Translate(Template.Replace("CALLS", Calls, StringComparison.Ordinal)));
    }

    [Fact]
    public void ACallThatAnotherModelMade_CarriesTheSignatureForHistoriesFromElsewhere()
    {
        const string Body = """
            {"model":"m","messages":[{"role":"user","content":"x"},
              {"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":""}]}
            """;

        using var sent = JsonDocument.Parse(Translate(Body));
        Assert.Equal("skip_thought_signature_validator", sent.RootElement.GetProperty("contents")[1].GetProperty("parts")[0].GetProperty("thoughtSignature").GetString());
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"x"}],"n":2""", "n")]
    [InlineData("""[{"role":"user","content":"x"}],"logprobs":true""", "logprobs")]
    [InlineData("""[{"role":"user","content":"x"}],"parallel_tool_calls":false""", "parallel_tool_calls")]
    [InlineData("""[{"role":"user","content":"x"}],"reasoning_effort":"low" """, "reasoning_effort")]
    [InlineData("""[{"role":"user","content":"x"}],"canary":1""", "unknown parameter")]
    [InlineData("""[{"role":"user","content":"x"}],"response_format":{"type":"grammar"}""", "response_format")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/i.png"}}]}]""", "content parts other than text and images in the request itself")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"c","content":"r"}]""", "tool result without its call")]
    [InlineData("""[{"role":"user","content":"x"}],"tools":[{"type":"web_search"}]""", "tools other than functions")]
    [InlineData("""[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","strict":true}}]""", "strict tools")]
    [InlineData("""[{"role":"user","content":"x","name":"canary"}]""", "messages[].name")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]""", "conversation that begins or ends with the assistant")]
    public void WhatMeansSomethingElseThere_IsNotTranslated(string messages, string expected)
    {
        Assert.Null(GeminiRequest.Translate(Prompts.Bytes($$"""{"model":"m","messages":{{messages}}}"""), out var missing));
        Assert.Equal(expected, missing);
    }

    [Fact]
    public void AWholeAnswer_BecomesACompletion()
    {
        AnswerFacts facts = new();
        var answer = Format().ReadWhole(
            Prompts.Bytes("""
                {"candidates":[{"content":{"role":"model","parts":[{"text":"Thinking","thought":true},{"text":"Hel"},{"text":"lo"},
                    {"functionCall":{"name":"find","args":{"id":7}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP","index":0}],
                 "usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4,"thoughtsTokenCount":3,"cachedContentTokenCount":2,"totalTokenCount":17},
                 "modelVersion":"gemini-2.5-pro","responseId":"r1"}
                """),
            facts);

        AssertJson(
            """
            {"id":"chatcmpl-r1","object":"chat.completion","created":0,"model":"gemini-2.5-pro","choices":[{"index":0,"message":{"role":"assistant","content":"Hello",
               "tool_calls":[{"id":"call_r1_0","type":"function","function":{"name":"find","arguments":"{\"id\":7}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}],
               "refusal":null},"logprobs":null,"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}
            """,
            answer.ToArray());
        Assert.Equal((10L, 7L, "gemini-2.5-pro", "tool_calls"), (facts.InputTokens, facts.OutputTokens, facts.ResponseModel, facts.FinishReason));
    }

    [Theory]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"MAX_TOKENS"}]}""", "length")]
    [InlineData("""{"candidates":[{"finishReason":"SAFETY"}]}""", "content_filter")]
    [InlineData("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":1}}""", "content_filter")]
    public void EveryEnd_HasItsReason(string body, string expected)
    {
        using var answer = JsonDocument.Parse(Format().ReadWhole(Prompts.Bytes(body), new AnswerFacts()));
        Assert.Equal(expected, answer.RootElement.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"candidates":[]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}""")]
    [InlineData("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"executableCode":{"code":"x"}}]},"finishReason":"STOP"}]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":["x"]},"finishReason":"STOP"}]}""")]
    public void WhatIsNoAnswer_IsMalformed(string body) =>
        Assert.Throws<MalformedAnswerException>(() => Format().ReadWhole(Prompts.Bytes(body), new AnswerFacts()));

    [Fact]
    public void AStream_BecomesChunks_WithTheRoleOnce_CallsNumbered_AndUsageLast()
    {
        var stream = Format().OpenStream();
        List<StreamChunk> chunks = [];

        Assert.False(stream.Accept("", Prompts.Bytes("""{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],"modelVersion":"g","responseId":"r","usageMetadata":{"promptTokenCount":5}}"""), chunks));
        Assert.False(stream.Accept("", Prompts.Bytes("""{"candidates":[{"content":{"parts":[{"text":"lo"},{"functionCall":{"name":"a","args":{}}},{"functionCall":{"name":"b","args":{"x":1}}}]}}]}"""), chunks));
        Assert.True(stream.Accept("", Prompts.Bytes("""{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2}}"""), chunks));

        var read = chunks.ConvertAll(static chunk => JsonNode.Parse(chunk.Bytes.Span)!);
        Assert.Equal(
            [
                """{"role":"assistant","content":""}""", """{"content":"Hel"}""", """{"content":"lo"}""",
                """{"tool_calls":[{"index":0,"id":"call_r_0","type":"function","function":{"name":"a","arguments":"{}"}}]}""",
                """{"tool_calls":[{"index":1,"id":"call_r_1","type":"function","function":{"name":"b","arguments":"{\u0022x\u0022:1}"}}]}""",
                "{}",
            ],
            read.SkipLast(1).Select(static chunk => chunk["choices"]![0]!["delta"]!.ToJsonString()));
        Assert.Equal("tool_calls", (string?)read[^2]["choices"]![0]!["finish_reason"]);
        Assert.Equal((0, 7), (read[^1]["choices"]!.AsArray().Count, (int)read[^1]["usage"]!["total_tokens"]!));
    }

    [Fact]
    public void AnErrorInAStream_IsAFailure() => Assert.Throws<ProviderStreamException>(
        static () => Format().OpenStream().Accept("", Prompts.Bytes("""{"error":{"code":503,"message":"canary","status":"UNAVAILABLE"}}"""), []));

    private static GeminiFormat Format() => new(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch));

    private static byte[] Translate(string body)
    {
        var translated = GeminiRequest.Translate(Prompts.Bytes(body), out var missing);
        Assert.Null(missing);
        return translated!;
    }

    private static void AssertJson(string expected, ReadOnlySpan<byte> actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), Encoding.UTF8.GetString(actual));
}
