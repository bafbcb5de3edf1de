using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>What is not restored in a stream stays as it came, byte for byte, and every chunk is one line.</summary>
public sealed class ChunkBytesTests : IDisposable
{
    private const string Value = "ann \"the boss\" <ann@example.org>";

    private readonly PlaceholderTable _table = new();
    private readonly string _placeholder;

    public ChunkBytesTests() => _placeholder = Relayed.Placeholder(_table, Value, "hipaa-safe-harbor-18");

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData("chat", """{"id": "i",  "choices":[{"index":0,"delta":{"role":"assistant","content":"\u00e9 \/ ok","x":1.50},"logprobs":null,"finish_reason":null}], "usage":null }""")]
    [InlineData("chat", """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""")]
    [InlineData("chat", """{"choices":[],"prompt_filter_results":[{"":""}]}""")]
    [InlineData("messages", """{ "type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\u00e9 \/ ok"}}""")]
    [InlineData("messages", """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"PLACE"}}""")]
    [InlineData("messages", """{"type":"content_block_stop", "index":0}""")]
    [InlineData("messages", """{"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":1.0}}}""")]
    public void ChunkWithNothingToRestore_PassesAsItIs(string api, string chunk)
    {
        var came = chunk.Replace("PLACE", _placeholder, StringComparison.Ordinal);

        Assert.Equal([came], Api(api).OpenRestorer(_table, includesUsage: true).Taken(came));
        Assert.Equal([came.Replace(",", ", ", StringComparison.Ordinal)], Api(api).OpenRestorer(_table, includesUsage: false).Taken(came.Replace(",", ",\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void TextThatIsRestored_IsAllThatChanges()
    {
        const string Chunk = """{"id": "i", "choices":[ {"index":0, "delta":{"a":"x PLACE.","":"\u00e9","b":["PLACE;",{"index":7,"c":"\u0041"}],"role":"PLACE" }}],"n":1.50}""";
        var came = Chunk.Replace("PLACE", _placeholder, StringComparison.Ordinal);
        var expected = Chunk.Replace("PLACE.", "ann \\\"the boss\\\" <ann@example.org>.", StringComparison.Ordinal)
            .Replace("PLACE;", "ann \\\"the boss\\\" <ann@example.org>;", StringComparison.Ordinal).Replace("PLACE", _placeholder, StringComparison.Ordinal);

        Assert.Equal([expected], CallerApi.ChatCompletions.OpenRestorer(_table, includesUsage: true).Taken(came));
    }

    /// <summary>Members in any order and number, spaces and line ends anywhere between the tokens, with and without something to restore.</summary>
    [Fact]
    public void UsageNobodyAskedFor_IsLeftOut_WhereverItStands() => Gen.Select(
            Gen.OneOf<string>("\"usage\": {\"prompt_tokens\":1}", "\"a\":1", "\"\":\"\"", "\"b\":[ 1,2 ]", "\"us\\u0061ge\":{}", "\"usage\" :{}").Array[0, 6],
            Gen.Int[0, 6],
            Gen.OneOf<string>("", " ", "\n", "\r\n\t").Array[8],
            Gen.Bool)
        .Sample((members, place, spaces, isRestored) =>
        {
            var choices = $$"""
                "choices":[{"index":0,"delta":{"content":"{{(isRestored ? _placeholder : "word")}}"},"finish_reason":"stop"}]
                """.Trim();
            List<string> all = [.. members];
            all.Insert(Math.Min(place, all.Count), choices);
            var last = members.LastOrDefault(static member => member.StartsWith("\"us", StringComparison.Ordinal));
            var stays = all.Where(member => last is null || !member.StartsWith("\"us", StringComparison.Ordinal)).ToList();

            var taken = Assert.Single(CallerApi.ChatCompletions.OpenRestorer(_table, includesUsage: false).Taken(Join(all, spaces)));

            Assert.DoesNotContain('\n', taken);
            Assert.DoesNotContain('\r', taken);
            var expected = Join(stays, [""]).Replace(_placeholder, Value.Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Equal(Tokens(expected), Tokens(taken));
        }, iter: 2_000);

    [Fact]
    public void DeltaOfAnotherForm_IsWrittenAsTheFormHasIt()
    {
        var restorer = CallerApi.Messages.OpenRestorer(_table, includesUsage: true);

        Assert.Equal(
            ["""{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"word"}}"""],
            restorer.Taken($$$"""{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"word","more":"{{{_placeholder}}}"}}"""));
        Assert.Equal(
            ["""{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":""}}"""],
            restorer.Taken("""{"type":"content_block_delta","index":2,"delta":{"type":"text_delta"}}"""));
    }

    [Theory]
    [InlineData("messages", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"PLACE."}}""")]
    [InlineData("messages", """{"type":"message_stop"}""")]
    [InlineData("messages", """{"type":"some_future_event"}""")]
    [InlineData("messages", """{"type":"no name"}""")]
    [InlineData("messages", """{"type":"a\nevent: error"}""")]
    [InlineData("messages", """{"type":7}""")]
    [InlineData("responses", """{"type":"response.output_text.delta","item_id":"i","delta":"PLACE."}""")]
    [InlineData("responses", """{"type":"response.completed","sequence_number":1}""")]
    [InlineData("chat", """{"choices":[]}""")]
    public void EventName_IsThatOfItsData(string api, string chunk)
    {
        var one = Assert.Single(Api(api).OpenRestorer(_table, includesUsage: true).Events(Prompts.Bytes(chunk.Replace("PLACE", _placeholder, StringComparison.Ordinal))));

        using var data = StreamChunk.Of(one.Data);
        Assert.Equal(Api(api).EventName(data), one.Name);
        Assert.False(one.Name?.AsSpan().ContainsAny(" \n") ?? false);
    }

    [Fact]
    public void ChunkThatIsKept_OutlastsItsEvent()
    {
        var data = """{"a":1}"""u8.ToArray();
        using var kept = StreamChunk.Borrow(data);
        Assert.Equal(1, kept.Root.GetProperty("a").GetInt32());

        kept.Keep();
        data.AsSpan().Fill((byte)'x');

        Assert.Equal(1, kept.Root.GetProperty("a").GetInt32());
        kept.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kept.Root);
    }

    private static CallerApi Api(string name) => name switch { "messages" => CallerApi.Messages, "responses" => CallerApi.Responses, _ => CallerApi.ChatCompletions };

    private static string Join(List<string> members, string[] spaces)
    {
        StringBuilder json = new("{");
        for (var at = 0; at < members.Count; at++)
        {
            json.Append(at == 0 ? "" : ",").Append(spaces[at % spaces.Length]).Append(members[at]).Append(spaces[(at + 1) % spaces.Length]);
        }

        return json.Append('}').ToString();
    }

    /// <summary>The tokens of JSON, duplicates of members included: without the spaces between them.</summary>
    private static List<string> Tokens(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        System.Text.Json.Utf8JsonReader reader = new(bytes);
        List<string> tokens = [];
        while (reader.Read())
        {
            tokens.Add($"{reader.TokenType} {Encoding.UTF8.GetString(reader.ValueSpan)}");
        }

        return tokens;
    }
}
