using System.Text.Json.Nodes;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>A call in an answer.</summary>
/// <param name="Raw">As the API has it.</param>
internal sealed record CallRead(string Id, string Name, string Arguments, JsonNode Raw);

/// <summary>What an answer says, whichever API it is in and whether or not it was streamed.</summary>
internal sealed record AnswerRead(string Text, IReadOnlyList<CallRead> Calls, AnswerFacts Facts)
{
    public static AnswerRead Whole(string api, JsonNode answer, AnswerFacts facts)
    {
        switch (api)
        {
            case "chat":
                var message = answer["choices"]![0]!["message"]!;
                return new AnswerRead(
                    (string?)message["content"] ?? "",
                    [.. (message["tool_calls"]?.AsArray() ?? []).Select(static call => Of(call!, (string)call!["id"]!, call["function"]!, "arguments"))],
                    facts);
            case "messages":
                var blocks = answer["content"]!.AsArray();
                return new AnswerRead(
                    string.Concat(blocks.Where(static block => (string?)block!["type"] == "text").Select(static block => (string)block!["text"]!)),
                    [.. blocks.Where(static block => (string?)block!["type"] == "tool_use").Select(static block =>
                        new CallRead((string)block!["id"]!, (string)block["name"]!, block["input"]!.ToJsonString(), block))],
                    facts);
            default:
                return Output(answer["output"]!.AsArray(), facts);
        }
    }

    public static AnswerRead Streamed(string api, IReadOnlyList<JsonNode> chunks, AnswerFacts facts)
    {
        switch (api)
        {
            case "chat":
                var deltas = chunks.Where(static chunk => chunk["choices"]!.AsArray().Count > 0).Select(static chunk => chunk["choices"]![0]!["delta"]!).ToList();
                return new AnswerRead(string.Concat(deltas.Select(static delta => (string?)delta["content"])), Joined(deltas), facts);
            case "messages":
                var parts = chunks.Where(static chunk => (string?)chunk["type"] == "content_block_delta").ToList();
                return new AnswerRead(
                    string.Concat(parts.Select(static part => (string?)part["delta"]!["text"])),
                    [.. chunks.Where(static chunk => (string?)chunk["content_block"]?["type"] == "tool_use").Select(start => new CallRead(
                        (string)start["content_block"]!["id"]!,
                        (string)start["content_block"]!["name"]!,
                        Arguments(parts.Where(part => (int)part["index"]! == (int)start["index"]!).Select(static part => (string?)part["delta"]!["partial_json"])),
                        start))],
                    facts);
            default:
                var end = chunks.Single(static chunk => (string?)chunk["type"] == "response.completed");
                var whole = Output(end["response"]!["output"]!.AsArray(), facts);
                Assert.Equal(whole.Text, string.Concat(chunks.Where(static chunk => (string?)chunk["type"] == "response.output_text.delta").Select(static chunk => (string)chunk["delta"]!)));
                return whole;
        }
    }

    private static AnswerRead Output(JsonArray items, AnswerFacts facts) => new(
        string.Concat(items.Where(static item => (string?)item!["type"] == "message").SelectMany(static item => item!["content"]!.AsArray()).Select(static part => (string?)part!["text"])),
        [.. items.Where(static item => (string?)item!["type"] == "function_call").Select(static item => Of(item!, (string)item!["call_id"]!, item, "arguments"))],
        facts);

    private static CallRead Of(JsonNode raw, string id, JsonNode function, string arguments) => new(id, (string)function["name"]!, (string)function[arguments]!, raw);

    private static string Arguments(IEnumerable<string?> pieces) => string.Concat(pieces) is { Length: > 0 } whole ? whole : "{}";

    private static List<CallRead> Joined(List<JsonNode> deltas)
    {
        List<CallRead> calls = [];
        foreach (var pieces in deltas.SelectMany(static delta => delta["tool_calls"]?.AsArray() ?? []).GroupBy(static call => (int)call!["index"]!))
        {
            var raw = pieces.First()!.DeepClone();
            raw.AsObject().Remove("index");
            raw["function"]!["arguments"] = string.Concat(pieces.Select(static piece => (string?)piece!["function"]?["arguments"]));
            calls.Add(Of(raw, (string)raw["id"]!, raw["function"]!, "arguments"));
        }

        return calls;
    }
}
