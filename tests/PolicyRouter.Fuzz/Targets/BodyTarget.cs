using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// The body of a request, for every API. Never throws. What it takes, a strict JSON reader takes too, and both see the same model; its texts lie in order and apart; written again with nothing
/// to change, it says the same but for what the gateway cuts out.
/// </summary>
internal static class BodyTarget
{
    private static readonly CallerApi[] Apis = [CallerApi.ChatCompletions, CallerApi.Embeddings, CallerApi.Messages, CallerApi.CountTokens, CallerApi.Responses];
    private static readonly string[] OwnKeys = ["data_class", "data_subjects", "purpose", "session"];
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    public static void Run(ReadOnlySpan<byte> input)
    {
        var body = input.ToArray();
        foreach (var api in Apis)
        {
            var allocation = Allocation.Begin();
            var read = PromptDocument.Read(body, api);
            allocation.End(body.Length, fixedBytes: 262_144);
            if (read is PromptReadResult.Ok(var document))
            {
                Check(body, document, api);
            }
        }
    }

    private static void Check(byte[] body, PromptDocument document, CallerApi api)
    {
        using var strict = JsonDocument.Parse(body, Strict);
        BrokenPromiseException.ThrowUnless(strict.RootElement.GetProperty("model").GetString() == document.Model, "two readers see the same model");

        var end = 0;
        foreach (var position in document.Positions)
        {
            BrokenPromiseException.ThrowUnless(position.Start >= end && position.Length > 0 && position.Start + position.Length <= body.Length, "texts lie in order, apart and inside the body");
            end = position.Start + position.Length;
            document.TextOf(position);
        }

        _ = document.LongestAnswer;
        document.RootText("user");

        var same = document.Rewrite(document.Model, []).ToArray();
        BrokenPromiseException.ThrowUnless(SameJson.Are(WithoutOwn(body), WithoutOwn(same)), "only what is the gateway's own is cut out");
        BrokenPromiseException.ThrowUnless(!OwnKeys.Any(key => Metadata(JsonNode.Parse(same))?.ContainsKey(key) is true), "what is the gateway's own is cut out");

        // Every text put in again as it was read: the escapes may differ, the meaning may not.
        var texts = document.Positions.Where(static position => !position.IsNumber).Select(position => new Replacement(position, document.TextOf(position))).ToList();
        var rewritten = document.Rewrite("another", texts).ToArray();
        BrokenPromiseException.ThrowUnless(PromptDocument.Read(rewritten, api) is PromptReadResult.Ok { Document.Model: "another" }, "what is sent on can be read again");
        var expected = WithoutOwn(body);
        expected["model"] = "another";
        BrokenPromiseException.ThrowUnless(SameJson.Are(expected, WithoutOwn(rewritten)), "a text that is replaced by itself changes nothing");
    }

    private static JsonNode WithoutOwn(byte[] body)
    {
        var root = JsonNode.Parse(body)!;
        if (Metadata(root) is { } metadata)
        {
            foreach (var key in OwnKeys)
            {
                metadata.Remove(key);
            }

            if (metadata.Count == 0)
            {
                root.AsObject().Remove("metadata");
            }
        }

        return root;
    }

    private static JsonObject? Metadata(JsonNode? root) => root?["metadata"] as JsonObject;
}
