using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>Reads from OpenAI answers what they say about themselves.</summary>
internal static class ChunkFacts
{
    /// <summary>
    /// Notes the facts of a <c>chat.completion.chunk</c>, or of a whole answer, whose parts stand under <paramref name="field"/> of each choice; true when it carries some of the answer or
    /// its end.
    /// </summary>
    public static bool Note(JsonElement root, ReadOnlySpan<byte> field, AnswerFacts facts)
    {
        // Every chunk says it.
        if (root.TryGetProperty("model"u8, out var model) && model.ValueKind is JsonValueKind.String && !model.ValueEquals(""u8) && !model.ValueEquals(facts.ResponseModel))
        {
            facts.ResponseModel = model.GetString();
        }

        if (facts is { IsTraced: true, ResponseId: null } && root.TryGetProperty("id"u8, out var id) && id.ValueKind is JsonValueKind.String && !id.ValueEquals(""u8))
        {
            facts.ResponseId = id.GetString();
        }

        if (root.TryGetProperty("usage"u8, out var usage) && usage.ValueKind is JsonValueKind.Object)
        {
            // No prompt is empty: a provider that says so has not counted, nor a translation of what such a one says.
            facts.InputTokens = Count(usage, "prompt_tokens") is > 0 and var input ? input : facts.InputTokens;
            facts.OutputTokens = Count(usage, "completion_tokens") is { } output && facts.InputTokens is not null ? output : facts.OutputTokens;
            facts.CachedTokens = Detail(usage, "prompt_tokens_details", "cached_tokens") ?? facts.CachedTokens;
            facts.ReasoningTokens = Detail(usage, "completion_tokens_details", "reasoning_tokens") ?? facts.ReasoningTokens;
        }

        if (!root.TryGetProperty("choices"u8, out var choices) || choices.ValueKind is not JsonValueKind.Array)
        {
            return false;
        }

        var hasContent = false;
        foreach (var choice in choices.EnumerateArray())
        {
            if (choice.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            if (choice.TryGetProperty("finish_reason"u8, out var reason) && reason.ValueKind is JsonValueKind.String)
            {
                facts.FinishReason ??= reason.GetString();
                hasContent = true;
            }

            hasContent |= choice.TryGetProperty(field, out var answer) && HasContent(answer, facts);
        }

        return hasContent;
    }

    /// <summary>True when it holds some of the answer, whose tokens are counted.</summary>
    private static bool HasContent(JsonElement answer, AnswerFacts facts)
    {
        if (answer.ValueKind is not JsonValueKind.Object)
        {
            return false;
        }

        var hasContent = false;
        foreach (var member in answer.EnumerateObject())
        {
            var isContent = member.Value.ValueKind switch
            {
                JsonValueKind.String => !member.NameEquals("role"u8) && !member.Value.ValueEquals(""u8),
                JsonValueKind.Array => member.Value.GetArrayLength() > 0,
                JsonValueKind.Object => true,
                _ => false,
            };
            hasContent |= isContent;
            facts.IsRefusal |= isContent && member.NameEquals("refusal"u8);
        }

        if (hasContent && facts.OutputTokens is null)
        {
            facts.CountedTokens += TokenCount.Of(answer);
        }

        facts.HasContent |= hasContent;
        return hasContent;
    }

    private static long? Detail(JsonElement usage, string name, string count) =>
        usage.TryGetProperty(name, out var details) && details.ValueKind is JsonValueKind.Object ? Count(details, count) : null;

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var count) && count.ValueKind is JsonValueKind.Number && count.TryGetInt64(out var value) ? value : null;
}
