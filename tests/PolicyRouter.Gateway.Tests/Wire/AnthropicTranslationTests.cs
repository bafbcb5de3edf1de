using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Tests.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Anthropic;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Wire;

public sealed class AnthropicTranslationTests
{
    private static readonly FakeTimeProvider Time = new(DateTimeOffset.FromUnixTimeSeconds(1_767_225_600));

    [Fact]
    public void AConversationWithTools_IsTranslated() => AssertJson(
        """
        {"model":"m","max_tokens":50,"stream":true,"temperature":0.7,"stop_sequences":["END"],"metadata":{"user_id":"u"},
         "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"In English."}],
         "messages":[
          {"role":"user","content":[{"type":"text","text":"Weather?"}]},
          {"role":"assistant","content":[{"type":"text","text":"Looking."},{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Ulm"}},{"type":"tool_use","id":"c2","name":"now","input":{}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"rain"}]},{"type":"tool_result","tool_use_id":"c2","content":[]},{"type":"text","text":"And?"}]}],
         "tools":[{"name":"weather","input_schema":{"type":"object"},"description":"d"},{"name":"now","input_schema":{"type":"object","properties":{}}}],
         "tool_choice":{"type":"any","disable_parallel_tool_use":true}}
        """,
        Translate(
            """
            {"model":"m","max_completion_tokens":50,"stream":true,"temperature":0.7,"stop":"END","user":"u","n":1,"parallel_tool_calls":false,
             "stream_options":{"include_usage":true},"tool_choice":"required","messages":[
              {"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"In English."}]},
              {"role":"user","content":"Weather?"},
              {"role":"assistant","content":"Looking.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}},{"id":"c2","type":"function","function":{"name":"now","arguments":""}}]},
              {"role":"tool","tool_call_id":"c1","content":"rain"},{"role":"tool","tool_call_id":"c2","content":""},
              {"role":"user","content":[{"type":"text","text":"And?"}]}],
             "tools":[{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object"}}},{"type":"function","function":{"name":"now"}}]}
            """));

    [Fact]
    public void Images_AreTranslated() => AssertJson(
        """
        {"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[
          {"type":"text","text":"What is it?"},
          {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
          {"type":"image","source":{"type":"url","url":"https://example.org/x.png"}}]}]}
        """,
        Translate(
            """
            {"model":"m","messages":[{"role":"user","content":[
              {"type":"text","text":"What is it?"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"auto"}},
              {"type":"image_url","image_url":{"url":"https://example.org/x.png"}}]}]}
            """));

    [Fact]
    public void AFormThatTheAnswerMustHave_IsTranslated_ForAnswersAndForCalls() => AssertJson(
        """
        {"model":"m","max_tokens":4096,"output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}},
         "messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],
         "tools":[{"name":"f","input_schema":{"type":"object"},"strict":true}]}
        """,
        Translate(Prompts.With(
            ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"strict\":true,\"schema\":{\"type\":\"object\",\"additionalProperties\":false}}}"
            + ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\"}}}]")));

    [Fact]
    public void WithoutALimit_OneIsSet() => Assert.Equal(4096, (int)JsonNode.Parse(Translate(Prompts.With("")))!["max_tokens"]!);

    [Theory]
    [InlineData(",\"n\":2", "n")]
    [InlineData(",\"logprobs\":true", "logprobs")]
    [InlineData(",\"seed\":1", "seed")]
    [InlineData(",\"temperature\":1.5", "temperature")]
    [InlineData(",\"presence_penalty\":0.5", "presence_penalty")]
    [InlineData(",\"response_format\":{\"type\":\"json_object\"}", "response_format")]
    [InlineData(",\"reasoning_effort\":\"high\"", "reasoning_effort")]
    [InlineData(",\"functions\":[]", "functions")]
    [InlineData(",\"tool_choice\":\"auto\"", "tool_choice without tools")]
    [InlineData(",\"tools\":[{\"type\":\"custom\"}]", "tools other than functions")]
    [InlineData(",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"type\":\"object\"}}}", "response_format")]
    [InlineData(",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"strict\":true}}", "response_format")]
    [InlineData(",\"canary\":1", "unknown parameter")]
    public void AParameterThatMeansNothingThere_MakesTheWireUnsuitable(string members, string expected) =>
        AssertMissing(Prompts.With(members), expected);

    [Theory]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/x","detail":"high"}}]}]""", "content parts other than text and images")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/plain,x"}}]}]""", "content parts other than text and images")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]}]""", "content parts other than text and images")]
    [InlineData("""[{"role":"user","content":"x","name":"canary"}]""", "messages[].name")]
    [InlineData("""[{"role":"user","content":"x","canary":1}]""", "unknown message field")]
    [InlineData("""[{"role":"user","content":""}]""", "empty messages")]
    [InlineData("""[{"role":"system","content":"x"}]""", "conversation without a user message")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"system","content":"y"},{"role":"user","content":"x"}]""", "instructions after the beginning of the conversation")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]""", "conversation that begins or ends with the assistant")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"[canary"}}]},{"role":"tool","tool_call_id":"c","content":"r"}]""", "tool arguments that are no JSON object")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"function","name":"f","content":"r"}]""", "messages[].name")]
    public void AConversationThatMeansSomethingElseThere_MakesTheWireUnsuitable(string messages, string expected) =>
        AssertMissing($$"""{"model":"m","messages":{{messages}}}""", expected);

    [Fact]
    public void AMessage_BecomesACompletion()
    {
        AnswerFacts facts = new();

        var body = new AnthropicFormat(Time).ReadWhole(
            Prompts.Bytes(
                """
                {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Let me "},{"type":"text","text":"see."},
                 {"type":"tool_use","id":"c1","name":"weather","input":{"city": "Ulm"}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":5}}
                """),
            facts);

        AssertJson(
            """
            {"id":"msg_1","object":"chat.completion","created":1767225600,"model":"claude","choices":[{"index":0,"message":{"role":"assistant","content":"Let me see.","refusal":null,
             "tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4}}}
            """,
            Encoding.UTF8.GetString(body.Span));
        Assert.Equal((7L, 5L, "tool_calls", "claude"), (facts.InputTokens, facts.OutputTokens, facts.FinishReason, facts.ResponseModel));
    }

    [Fact]
    public void AStream_BecomesChunks()
    {
        var (chunks, hasEnded) = Stream(
            """{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":3,"output_tokens":1}}}""",
            """{"type":"ping"}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c1","name":"now","input":{}}}""",
            """{"type":"content_block_stop","index":1}""",
            """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"c2","name":"weather","input":{}}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"city\""}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}}""",
            """{"type":"content_block_stop","index":2}""",
            """{"type":"some_future_event"}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}""",
            """{"type":"message_stop"}""");

        Assert.True(hasEnded);
        Assert.Equal(
            [
                """{"role":"assistant","content":""}""",
                """{"content":"Hi"}""",
                """{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"now","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""",
                """{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"weather","arguments":""}}]}""",
                """{"tool_calls":[{"index":1,"function":{"arguments":"{\u0022city\u0022"}}]}""",
                """{"tool_calls":[{"index":1,"function":{"arguments":":1}"}}]}""",
                "{}",
            ],
            chunks.SkipLast(1).Select(static chunk => chunk["choices"]![0]!["delta"]!.ToJsonString()));
        Assert.Equal("tool_calls", (string?)chunks[^2]["choices"]![0]!["finish_reason"]);
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(12, (int)chunks[^1]["usage"]!["total_tokens"]!);
    }

    [Fact]
    public void AnErrorInAStream_IsAFailure() => Assert.Equal(
        FailureKind.StreamError,
        Assert.Throws<ProviderStreamException>(static () => Stream("""{"type":"error","error":{"type":"overloaded_error","message":"canary"}}""")).Failure.Kind);

    [Theory]
    [InlineData("""{"type":"message_start"}""")]
    [InlineData("""{"type":"message_stop"}""")]
    [InlineData("""{"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}}""")]
    [InlineData("[]")]
    public void EventsOutOfOrder_AreMalformed(string first) => Assert.Throws<MalformedAnswerException>(() => Stream(first));

    [Fact]
    public void AnUnknownStopReason_IsNotMadeUpAs_Stop() => Assert.Throws<MalformedAnswerException>(static () => Stream(
        """{"type":"message_start","message":{"id":"1","model":"m"}}""", """{"type":"message_delta","delta":{"stop_reason":"bored"}}"""));

    private static (List<JsonNode> Chunks, bool HasEnded) Stream(params string[] events)
    {
        var format = new AnthropicFormat(Time).OpenStream();
        List<StreamChunk> chunks = [];
        var hasEnded = false;
        foreach (var data in events)
        {
            hasEnded = format.Accept("", Prompts.Bytes(data), chunks);
        }

        return ([.. chunks.Select(static chunk => JsonNode.Parse(chunk.Bytes.Span)!)], hasEnded);
    }

    private static string Translate(string body)
    {
        var translated = AnthropicRequest.Translate(Prompts.Bytes(body), out var missing);
        Assert.Null(missing);
        return Encoding.UTF8.GetString(translated!);
    }

    private static void AssertMissing(string body, string expected)
    {
        Assert.False(WireCompatibility.CanCarry(Prompts.Read(body), Endpoints.At(new Uri("https://a.example"), WireFormat.Anthropic), out var missing));
        Assert.Equal(expected, missing);
    }

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
