using System.Text.Json;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>Writes the <c>response</c> object of the Responses API and the items of its output.</summary>
internal static class ResponseObject
{
    /// <summary>The object with the items that <paramref name="output"/> writes.</summary>
    /// <param name="finishReason">Null while the answer is being made.</param>
    public static void Write(Utf8JsonWriter writer, string id, long created, string? model, string? finishReason, AnswerFacts? usage, Action<Utf8JsonWriter> output)
    {
        var incomplete = finishReason switch
        {
            null or "stop" or "tool_calls" or "function_call" => null,
            "length" => "max_output_tokens",
            "content_filter" => "content_filter",
            _ => throw new MalformedAnswerException("An unknown finish reason."),
        };
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("object", "response");
        writer.WriteNumber("created_at", created);
        writer.WriteString("status", finishReason is null ? "in_progress" : incomplete is null ? "completed" : "incomplete");
        writer.WriteNull("error");
        writer.WritePropertyName("incomplete_details");
        if (incomplete is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("reason", incomplete);
            writer.WriteEndObject();
        }

        writer.WriteNull("instructions");
        writer.WriteString("model", model);
        writer.WriteStartArray("output");
        output(writer);
        writer.WriteEndArray();
        writer.WriteBoolean("parallel_tool_calls", true);
        writer.WriteNull("previous_response_id");
        writer.WriteBoolean("store", false);
        writer.WriteNull("temperature");
        writer.WriteString("tool_choice", "auto");
        writer.WriteStartArray("tools");
        writer.WriteEndArray();
        writer.WriteNull("top_p");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        writer.WritePropertyName("usage");
        if (usage is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            WriteUsage(writer, usage);
        }

        writer.WriteEndObject();
    }

    /// <summary>A message of the assistant.</summary>
    /// <param name="parts">Text and refusal; those that are null are left out.</param>
    public static void WriteMessage(Utf8JsonWriter writer, string id, bool isDone, params ReadOnlySpan<(string Type, string? Text)> parts)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("type", "message");
        writer.WriteString("status", isDone ? "completed" : "in_progress");
        writer.WriteString("role", "assistant");
        writer.WriteStartArray("content");
        foreach (var (type, text) in parts)
        {
            if (text is not null)
            {
                WritePart(writer, type, text);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WritePart(Utf8JsonWriter writer, string type, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString(type == "refusal" ? "refusal" : "text", text);
        if (type != "refusal")
        {
            writer.WriteStartArray("annotations");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    public static void WriteCall(Utf8JsonWriter writer, string id, bool isDone, string callId, string name, string arguments)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("type", "function_call");
        writer.WriteString("status", isDone ? "completed" : "in_progress");
        writer.WriteString("call_id", callId);
        writer.WriteString("name", name);
        writer.WriteString("arguments", arguments);
        writer.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter writer, AnswerFacts facts)
    {
        writer.WriteStartObject();
        writer.WriteNumber("input_tokens", facts.InputTokens ?? 0);
        writer.WriteStartObject("input_tokens_details");
        writer.WriteNumber("cached_tokens", facts.CachedTokens ?? 0);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens", facts.OutputTokens ?? 0);
        writer.WriteStartObject("output_tokens_details");
        writer.WriteNumber("reasoning_tokens", facts.ReasoningTokens ?? 0);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens", (facts.InputTokens ?? 0) + (facts.OutputTokens ?? 0));
        writer.WriteEndObject();
    }
}
