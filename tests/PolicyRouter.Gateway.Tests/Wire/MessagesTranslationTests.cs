using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Gateway.Wire.Responses;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Requests of the Messages and Responses APIs become chat completions, and answers of these become theirs.</summary>
public class MessagesTranslationTests
{
    [Fact]
    public void AMessagesRequest_IsTranslated() => AssertJson(
        """
        {"model":"m","max_tokens":50,"temperature":0.5,"stream":true,"stream_options":{"include_usage":true},"stop":["END"],"user":"u",
         "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}},
         "messages":[
          {"role":"system","content":[{"type":"text","text":"Be brief."}]},
          {"role":"user","content":[{"type":"text","text":"Weather?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]},
          {"role":"assistant","content":"Looking.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}}]},
          {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"rain"}]},
          {"role":"user","content":[{"type":"text","text":"And?"}]}],
         "tools":[{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object"}}}],
         "tool_choice":"required","parallel_tool_calls":false}
        """,
        Chat(ChatRequest.Translate, """
            {"model":"m","max_tokens":50,"temperature":0.5,"stream":true,"stop_sequences":["END"],"metadata":{"user_id":"u","data_class":"phi"},"thinking":{"type":"disabled"},
             "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},
             "system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
             "messages":[
              {"role":"user","content":[{"type":"text","text":"Weather?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]},
              {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"Looking."},{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Ulm"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"rain"}]},{"type":"text","text":"And?"}]}],
             "tools":[{"name":"weather","description":"d","input_schema":{"type":"object"}}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true}}
            """));

    [Fact]
    public void AResponsesRequest_IsTranslated() => AssertJson(
        """
        {"model":"m","max_completion_tokens":50,"stream":true,"parallel_tool_calls":false,"stream_options":{"include_usage":true},"reasoning_effort":"low","verbosity":"low",
         "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},
         "messages":[
          {"role":"system","content":"Be brief."},
          {"role":"user","content":[{"type":"text","text":"Weather?"},{"type":"image_url","image_url":{"url":"https://example.org/x.png","detail":"low"}}]},
          {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"now","arguments":"{}"}}]},
          {"role":"tool","tool_call_id":"c1","content":"rain"},{"role":"tool","tool_call_id":"c2","content":"noon"}],
         "tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object"},"strict":true}}],
         "tool_choice":{"type":"function","function":{"name":"weather"}}}
        """,
        Chat(ChatFromResponses.Translate, """
            {"model":"m","max_output_tokens":50,"stream":true,"parallel_tool_calls":false,"instructions":"Be brief.","reasoning":{"effort":"low","summary":null},"store":false,
             "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},
             "input":[
              {"role":"user","content":[{"type":"input_text","text":"Weather?"},{"type":"input_image","image_url":"https://example.org/x.png","detail":"low"}]},
              {"type":"reasoning","id":"r","summary":[]},
              {"type":"function_call","call_id":"c1","name":"weather","arguments":"{}"},{"type":"function_call","call_id":"c2","name":"now","arguments":"{}"},
              {"type":"function_call_output","call_id":"c1","output":"rain"},{"type":"function_call_output","call_id":"c2","output":"noon"}],
             "tools":[{"type":"function","name":"weather","parameters":{"type":"object"},"strict":true}],
             "tool_choice":{"type":"function","name":"weather"}}
            """));

    [Theory]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}", "thinking")]
    [InlineData("\"top_k\":3", "top_k")]
    [InlineData("\"stop_sequences\":[\"1\",\"2\",\"3\",\"4\",\"5\"]", "stop_sequences")]
    [InlineData("\"metadata\":{\"team\":\"x\"}", "metadata")]
    [InlineData("\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]", "tools that the provider runs")]
    [InlineData("\"canary\":1", "unknown field")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\"}]}]", "content blocks other than text and images")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"tool_result\",\"tool_use_id\":\"t\"}]}]", "a tool result after other content")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"is_error\":true,\"content\":\"no\"}]}]", "tool results that are errors")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"y\"}]", "conversation that ends with the assistant")]
    public void WhatMeansSomethingElseInChatCompletions_IsNamed(string member, string expected)
    {
        var messages = member.StartsWith("\"messages\"", StringComparison.Ordinal) ? "" : ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";

        Assert.Null(ChatRequest.Translate(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"max_tokens\":5,{member}{messages}}}"), out var missing));
        Assert.Equal(expected, missing);
    }

    [Theory]
    [InlineData("stop", "end_turn", "completed")]
    [InlineData("length", "max_tokens", "incomplete")]
    [InlineData("tool_calls", "tool_use", "completed")]
    [InlineData("content_filter", "refusal", "incomplete")]
    public void AReasonForEnding_IsTranslated_WholeAndStreamed(string reason, string stopReason, string status)
    {
        var answer = Encoding.UTF8.GetBytes($$$"""{"id":"chatcmpl-1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"{{{reason}}}"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}""");
        string[] chunks =
        [
            """{"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"x"}}]}""",
            $$$"""{"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"{{{reason}}}"}]}""",
            """{"id":"chatcmpl-1","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}""",
            "[DONE]",
        ];

        foreach (var (format, path, expected) in ((IAnswerFormat, string[], string)[])
        [
            (new MessagesFromChat(new OpenAiFormat()), ["stop_reason"], stopReason),
            (new ResponsesFromChat(TimeProvider.System, new Gateway.Wire.OpenAi.OpenAiFormat()), ["status"], status),
        ])
        {
            AnswerFacts facts = new();
            Assert.Equal(expected, (string?)JsonNode.Parse(format.ReadWhole(answer, facts).Span)![path[0]]);
            Assert.Equal(((long?)3, (long?)4, reason), (facts.InputTokens, facts.OutputTokens, facts.FinishReason));

            var last = Stream(format, chunks).Select(one => (one["delta"] as JsonObject)?[path[0]] ?? one["response"]?[path[0]]).Last(static found => found is not null);
            Assert.Equal(expected, (string?)last);
        }
    }

    [Fact]
    public void ACallOfAFunctionThatWasForced_IsAToolUse_ThoughItsReasonIsStop_AndHasArgumentsThoughItNamesNone()
    {
        var answer = """{"id":"1","model":"m","choices":[{"message":{"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":"stop"}]}"""u8.ToArray();
        string[] chunks =
        [
            """{"id":"1","model":"m","choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]}""",
            """{"id":"1","choices":[{"delta":{},"finish_reason":"stop"}]}""",
            "[DONE]",
        ];
        MessagesFromChat messages = new(new OpenAiFormat());
        ResponsesFromChat responses = new(TimeProvider.System, new Gateway.Wire.OpenAi.OpenAiFormat());

        Assert.Equal("tool_use", (string?)JsonNode.Parse(messages.ReadWhole(answer, new()).Span)!["stop_reason"]);
        Assert.Equal("tool_use", (string?)Stream(messages, chunks)[^2]["delta"]!["stop_reason"]);
        Assert.Equal("{}", (string?)JsonNode.Parse(responses.ReadWhole(answer, new()).Span)!["output"]![0]!["arguments"]);
        var events = Stream(responses, chunks);
        Assert.Equal("{}", string.Concat(events.Where(static one => (string?)one["type"] == "response.function_call_arguments.delta").Select(static one => (string?)one["delta"])));
        Assert.Equal("{}", (string?)events[^1]["response"]!["output"]![0]!["arguments"]);
    }

    [Fact]
    public void TokensFromACache_AndThoseOfThoughts_AreTold()
    {
        var answer = """
            {"id":"1","model":"m","choices":[{"message":{"content":"x"},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":10,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":7}}}
            """u8.ToArray();

        AssertJson(
            """{"input_tokens":6,"cache_read_input_tokens":4,"output_tokens":9}""",
            JsonNode.Parse(new MessagesFromChat(new OpenAiFormat()).ReadWhole(answer, new()).Span)!["usage"]!.ToJsonString());
        AssertJson(
            """{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":7},"total_tokens":19}""",
            JsonNode.Parse(new ResponsesFromChat(TimeProvider.System, new Gateway.Wire.OpenAi.OpenAiFormat()).ReadWhole(answer, new()).Span)!["usage"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"id":"1","choices":[{"delta":{"content":"x"}}]}""", "[DONE]")]
    [InlineData("""{"id":"1","choices":[{"delta":{"content":"x"},"finish_reason":"bored"}]}""", "[DONE]")]
    [InlineData("[DONE]")]
    [InlineData("[]")]
    public void AStreamWithoutAProperEnd_IsMalformed_AndNoneIsInvented(params string[] chunks)
    {
        Assert.Throws<MalformedAnswerException>(() => Stream(new MessagesFromChat(new OpenAiFormat()), chunks));
        Assert.Throws<MalformedAnswerException>(() => Stream(new ResponsesFromChat(TimeProvider.System, new Gateway.Wire.OpenAi.OpenAiFormat()), chunks));
    }

    [Fact]
    public void ParallelToolCalls_BecomeOneBlockAfterTheOther()
    {
        var events = Stream(
            new MessagesFromChat(new OpenAiFormat()),
            """{"id":"1","model":"m","choices":[{"delta":{"content":"Hi"}}]}""",
            """{"id":"1","choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}}]}""",
            """{"id":"1","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}}]}""",
            """{"id":"1","choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}""",
            "[DONE]");

        Assert.Equal(
            "message_start content_block_start:0 content_block_delta:0 content_block_stop:0 content_block_start:1 content_block_delta:1 content_block_delta:1 content_block_stop:1 "
            + "content_block_start:2 content_block_delta:2 content_block_stop:2 message_delta message_stop",
            string.Join(' ', events.Select(static one => one["index"] is { } index ? $"{one["type"]}:{index}" : $"{one["type"]}")));
    }

    private static List<JsonNode> Stream(IAnswerFormat format, params string[] chunks)
    {
        var stream = format.OpenStream();
        List<StreamChunk> output = [];
        foreach (var chunk in chunks)
        {
            stream.Accept("", Encoding.UTF8.GetBytes(chunk), output);
        }

        return [.. output.Select(static one => JsonNode.Parse(one.Bytes.Span)!)];
    }

    private static string Chat(RequestTranslator translate, string body)
    {
        var translated = translate(Encoding.UTF8.GetBytes(body), out var missing);
        Assert.Null(missing);
        return Encoding.UTF8.GetString(translated!);
    }

    private static void AssertJson(string expected, string actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
