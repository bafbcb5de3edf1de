using System.Globalization;
using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Gemini;

/// <summary>A call the model wants made.</summary>
/// <param name="Arguments">A JSON object, as text.</param>
/// <param name="Signature">What Google wants back with the call in the next request; null for none.</param>
internal sealed record GeminiCall(string Id, string Name, string Arguments, string? Signature);

/// <summary>
/// What an answer of generateContent, or the events of a streamed one, say in the words of chat completions. Thoughts are not part of the answer there and are
/// left out.
/// </summary>
internal sealed class GeminiAnswer
{
    private long _input;
    private long _output;
    private long _thoughts;
    private long _cached;
    private int _calls;

    public string? Id { get; private set; }
    public string? Model { get; private set; }

    /// <summary>The texts of the last element taken.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>The calls of the last element taken.</summary>
    public List<GeminiCall> Calls { get; } = [];

    /// <summary>Null while the answer goes on.</summary>
    public string? FinishReason { get; private set; }

    /// <exception cref="MalformedAnswerException">It is no answer of this API.</exception>
    public void Take(JsonElement root)
    {
        Texts.Clear();
        Calls.Clear();
        if (root.ValueKind is not JsonValueKind.Object)
        {
            throw new MalformedAnswerException("An answer that is no object.");
        }

        Id = MessageJson.Text(root, "responseId") is { } id ? $"chatcmpl-{id}" : Id;
        Model = MessageJson.Text(root, "modelVersion") ?? Model;
        ReadUsage(root);
        if (root.TryGetProperty("candidates", out var candidates) && candidates.ValueKind is JsonValueKind.Array && candidates.GetArrayLength() > 0)
        {
            TakeCandidate(candidates[0]);
        }
        else if (root.TryGetProperty("promptFeedback", out var feedback) && MessageJson.Text(feedback, "blockReason") is not null)
        {
            FinishReason = "content_filter";
        }
        else if (!root.TryGetProperty("usageMetadata", out _))
        {
            throw new MalformedAnswerException("An answer without candidates.");
        }
    }

    public void Note(AnswerFacts facts)
    {
        facts.ResponseModel = Model;
        facts.FinishReason = FinishReason;
        facts.HasContent = Texts.Exists(static text => text.Length > 0) || Calls.Count > 0;
        facts.InputTokens = _input > 0 ? _input : null;
        facts.OutputTokens = _input > 0 ? _output + _thoughts : null;
        facts.CachedTokens = _input > 0 ? _cached : null;
        facts.ReasoningTokens = _input > 0 ? _thoughts : null;
        facts.ResponseId = facts.IsTraced ? Id : null;
        facts.CountedTokens = _input > 0 ? 0 : Texts.Sum(static text => TokenCount.Of(text)) + Calls.Sum(static call => TokenCount.Of(call.Arguments));
    }

    public void WriteUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", _input);
        writer.WriteNumber("completion_tokens", _output + _thoughts);
        writer.WriteNumber("total_tokens", _input + _output + _thoughts);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", _cached);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", _thoughts);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void TakeCandidate(JsonElement candidate)
    {
        if (candidate.ValueKind is JsonValueKind.Object && candidate.TryGetProperty("content", out var content) && content.ValueKind is JsonValueKind.Object
            && content.TryGetProperty("parts", out var parts) && parts.ValueKind is JsonValueKind.Array)
        {
            foreach (var part in parts.EnumerateArray())
            {
                TakePart(part);
            }
        }

        FinishReason = MessageJson.Text(candidate, "finishReason") switch
        {
            null or "FINISH_REASON_UNSPECIFIED" => FinishReason,
            "STOP" => _calls > 0 ? "tool_calls" : "stop",
            "MAX_TOKENS" => "length",
            "SAFETY" or "RECITATION" or "LANGUAGE" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "MODEL_ARMOR" or "IMAGE_SAFETY" => "content_filter",

            // A call that could not be made, or a reason from after this was written: no end is invented for it.
            _ => throw new MalformedAnswerException("An unknown finish reason."),
        };
    }

    private void TakePart(JsonElement part)
    {
        if (part.ValueKind is not JsonValueKind.Object)
        {
            throw new MalformedAnswerException("A part that is no object.");
        }

        if (part.TryGetProperty("thought", out var thought) && thought.ValueKind is JsonValueKind.True)
        {
            return;
        }

        if (part.TryGetProperty("functionCall", out var call))
        {
            var number = _calls++;
            Calls.Add(new GeminiCall(
                MessageJson.Text(call, "id") ?? string.Create(CultureInfo.InvariantCulture, $"call_{Id?.Replace("chatcmpl-", "", StringComparison.Ordinal)}_{number}"),
                MessageJson.Text(call, "name") ?? throw new MalformedAnswerException("A call without a name."),
                call.TryGetProperty("args", out var arguments) && arguments.ValueKind is JsonValueKind.Object ? arguments.GetRawText() : "{}",
                MessageJson.Text(part, "thoughtSignature")));
        }
        else if (MessageJson.Text(part, "text") is { } text)
        {
            if (text.Length > 0)
            {
                Texts.Add(text);
            }
        }
        else if (!part.TryGetProperty("thoughtSignature", out _))
        {
            // Code, files, the results of Google's own tools: nothing that was asked for.
            throw new MalformedAnswerException("A part that is neither text nor a call.");
        }
    }

    private void ReadUsage(JsonElement root)
    {
        if (root.TryGetProperty("usageMetadata", out var usage) && usage.ValueKind is JsonValueKind.Object)
        {
            _input = Count(usage, "promptTokenCount") ?? _input;
            _output = Count(usage, "candidatesTokenCount") ?? _output;
            _thoughts = Count(usage, "thoughtsTokenCount") ?? _thoughts;
            _cached = Count(usage, "cachedContentTokenCount") ?? _cached;
        }
    }

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var count) && count.ValueKind is JsonValueKind.Number && count.TryGetInt64(out var value) ? value : null;
}
