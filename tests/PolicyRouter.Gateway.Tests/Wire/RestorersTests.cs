using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Values come back in every text of an answer of the Messages and Responses APIs, whole or streamed, however a stream is cut.</summary>
public sealed class RestorersTests : IDisposable
{
    private const string Value = "ann \"the boss\" <ann@example.org>";

    private readonly PlaceholderTable _table = new();
    private readonly string _placeholder;

    public RestorersTests() => _placeholder = Relayed.Placeholder(_table, Value, "hipaa-safe-harbor-18");

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData("messages", """{"type":"message","content":[{"type":"text","text":"ask PLACE"}]}""", "ask VALUE")]
    [InlineData("messages", """{"type":"message","content":[{"type":"thinking","thinking":"ask PLACE","signature":"s"}]}""", "ask VALUE")]
    [InlineData("messages", """{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":{"to":["PLACE"],"PLACE":1}}]}""", "VALUE")]
    [InlineData("messages", """{"type":"message","content":[],"stop_sequence":"PLACE"}""", "VALUE")]
    [InlineData("responses", """{"output":[{"type":"message","content":[{"type":"output_text","text":"ask PLACE"}]}]}""", "ask VALUE")]
    [InlineData("responses", """{"output":[{"type":"message","content":[{"type":"refusal","refusal":"not PLACE"}]}]}""", "not VALUE")]
    public void InAWholeAnswer_EveryTextIsRestored(string api, string answer, string expected)
    {
        var restored = Api(api).Restore(Encoding.UTF8.GetBytes(answer.Replace("PLACE", _placeholder, StringComparison.Ordinal)), _table);

        Assert.Contains(expected.Replace("VALUE", Value, StringComparison.Ordinal), Strings(JsonNode.Parse(restored.Span)!));
    }

    [Fact]
    public void InArguments_AValueStaysInsideItsString()
    {
        var answer = new JsonObject { ["output"] = new JsonArray(new JsonObject { ["type"] = "function_call", ["arguments"] = $"{{\"to\":\"{_placeholder}\"}}" }) };

        var restored = JsonNode.Parse(CallerApi.Responses.Restore(Encoding.UTF8.GetBytes(answer.ToJsonString()), _table).Span)!;

        Assert.Equal(Value, (string?)JsonNode.Parse((string)restored["output"]![0]!["arguments"]!)!["to"]);
    }

    /// <summary>However the text of a block is cut, all deltas together give the restored text, and none comes after its block has stopped.</summary>
    [Theory]
    [InlineData("messages", "text_delta", "text")]
    [InlineData("messages", "thinking_delta", "thinking")]
    [InlineData("messages", "input_json_delta", "partial_json")]
    [InlineData("responses", "response.output_text", "delta")]
    [InlineData("responses", "response.function_call_arguments", "delta")]
    public void HoweverAStreamIsCut_ItsTextsComeBackWhole(string api, string type, string member) => Gen.Int[1, 12].Array[1, 30].Sample(cuts =>
    {
        var isJson = member == "partial_json" || type.Contains("arguments", StringComparison.Ordinal);
        var text = isJson ? $"{{\"a\":\"{_placeholder}\",\"b\":\"x {_placeholder}\"}}" : $"{_placeholder} and {_placeholder}.";
        var whole = text.Replace(_placeholder, isJson ? JsonEncodedText.Encode(Value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString() : Value, StringComparison.Ordinal);
        var restorer = Api(api).OpenRestorer(_table, includesUsage: true);
        List<JsonNode> events = [];
        foreach (var piece in Pieces(text, cuts))
        {
            Take(api == "messages"
                ? new JsonObject { ["type"] = "content_block_delta", ["index"] = 1, ["delta"] = new JsonObject { ["type"] = type, [member] = piece } }
                : new JsonObject { ["type"] = $"{type}.delta", ["sequence_number"] = 9, ["item_id"] = "i", ["delta"] = piece });
        }

        Take(api == "messages"
            ? new JsonObject { ["type"] = "content_block_stop", ["index"] = 1 }
            : new JsonObject { ["type"] = $"{type}.done", ["sequence_number"] = 9, ["item_id"] = "i", [isJson ? "arguments" : "text"] = text });

        Assert.Empty(restorer.Finished());
        Assert.Equal(whole, string.Concat(events.SkipLast(1).Select(one => (string?)(api == "messages" ? one["delta"]![member] : one["delta"]))));
        Assert.EndsWith(api == "messages" ? "stop" : "done", (string)events[^1]["type"]!, StringComparison.Ordinal);
        if (api == "responses")
        {
            Assert.Equal(Enumerable.Range(0, events.Count), events.Select(static one => (int)one["sequence_number"]!));
            Assert.Equal(whole, (string?)events[^1][isJson ? "arguments" : "text"]);
        }

        void Take(JsonObject one) => events.AddRange(restorer.Taken(Encoding.UTF8.GetBytes(one.ToJsonString())).Select(static chunk => JsonNode.Parse(chunk.Span)!));
    }, iter: 60);

    [Fact]
    public void WhatIsHeldBackWhenAStreamBreaks_IsGivenOut()
    {
        var restorer = CallerApi.Messages.OpenRestorer(_table, includesUsage: true);
        var beginning = _placeholder[..^2];
        restorer.Taken(Encoding.UTF8.GetBytes($$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x {{{beginning}}}"}}"""));

        var rest = JsonNode.Parse(Assert.Single(restorer.Finished()).Span)!;

        Assert.Equal(beginning, (string?)rest["delta"]!["text"]);
    }

    private static CallerApi Api(string name) => name == "messages" ? CallerApi.Messages : CallerApi.Responses;

    private static IEnumerable<string> Pieces(string text, int[] cuts)
    {
        var at = 0;
        for (var i = 0; at < text.Length; i++)
        {
            var length = Math.Min(cuts[i % cuts.Length], text.Length - at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    private static IEnumerable<string> Strings(JsonNode node) => node switch
    {
        JsonObject map => map.SelectMany(static member => member.Value is null ? [] : Strings(member.Value)),
        JsonArray list => list.SelectMany(static element => Strings(element!)),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
