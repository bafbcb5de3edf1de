using System.Buffers;
using System.Text;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>
/// Translates the conversation: <c>system</c> becomes a message of its own, each result of a tool becomes one, and the blocks of a message become its parts.
/// </summary>
internal static class ChatMessages
{
    /// <returns>What cannot be translated, in fixed words; null when all was written.</returns>
    public static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("messages");
        if (root.TryGetProperty("system", out var system))
        {
            writer.WriteStartObject();
            writer.WriteString("role", "system");
            if (WriteTexts(system, writer) is { } gap)
            {
                return gap;
            }

            writer.WriteEndObject();
        }

        string? last = null;
        foreach (var message in root.GetProperty("messages").EnumerateArray())
        {
            last = MessageJson.Text(message, "role");
            if (message.EnumerateObject().Any(static member => member.Name is not ("role" or "content")) || !message.TryGetProperty("content", out var content))
            {
                return "unknown message field";
            }

            var missing = content.ValueKind is JsonValueKind.String ? WritePlain(last!, content, writer)
                : last == "assistant" ? WriteAssistant(content, writer)
                : WriteUser(content, writer);
            if (missing is not null)
            {
                return missing;
            }
        }

        writer.WriteEndArray();
        return last == "assistant" ? "conversation that ends with the assistant" : null;
    }

    private static string? WritePlain(string role, JsonElement content, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", content.GetString());
        writer.WriteEndObject();
        return null;
    }

    /// <summary>Results of tools first, one message each; then what the user says.</summary>
    private static string? WriteUser(JsonElement content, Utf8JsonWriter writer)
    {
        var isOpen = false;
        foreach (var block in content.EnumerateArray())
        {
            if (MessageJson.Text(block, "type") == "tool_result")
            {
                // There, nothing may stand between a call and its result.
                if (isOpen)
                {
                    return "a tool result after other content";
                }

                if (WriteResult(block, writer) is { } gap)
                {
                    return gap;
                }

                continue;
            }

            if (!isOpen)
            {
                writer.WriteStartObject();
                writer.WriteString("role", "user");
                writer.WriteStartArray("content");
                isOpen = true;
            }

            if (WritePart(block, writer) is { } missing)
            {
                return missing;
            }
        }

        if (isOpen)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return null;
    }

    private static string? WriteResult(JsonElement block, Utf8JsonWriter writer)
    {
        if (MessageJson.Text(block, "tool_use_id") is not { } id)
        {
            return "tool result without a tool_use_id";
        }

        if (block.TryGetProperty("is_error", out var isError) && isError.ValueKind is JsonValueKind.True)
        {
            return "tool results that are errors";
        }

        writer.WriteStartObject();
        writer.WriteString("role", "tool");
        writer.WriteString("tool_call_id", id);
        if (!block.TryGetProperty("content", out var content))
        {
            writer.WriteString("content", "");
        }
        else if (WriteTexts(content, writer) is { } gap)
        {
            return gap;
        }

        writer.WriteEndObject();
        return block.EnumerateObject().Any(static member => member.Name is not ("type" or "tool_use_id" or "content" or "is_error" or "cache_control")) ? "unknown block field" : null;
    }

    private static string? WriteAssistant(JsonElement content, Utf8JsonWriter writer)
    {
        StringBuilder? text = null;
        List<JsonElement> calls = [];
        foreach (var block in content.EnumerateArray())
        {
            switch (MessageJson.Text(block, "type"))
            {
                case "text" when IsPlainText(block):
                    (text ??= new StringBuilder()).Append(MessageJson.Text(block, "text"));
                    break;
                case "tool_use" when MessageJson.Text(block, "id") is not null && MessageJson.Text(block, "name") is not null && block.TryGetProperty("input", out _):
                    calls.Add(block);
                    break;
                case "thinking" or "redacted_thinking":
                    break;
                default:
                    return "blocks of the assistant other than text and tool calls";
            }
        }

        if (text is null && calls.Count == 0)
        {
            return "empty messages";
        }

        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        writer.WriteString("content", text?.ToString());
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                writer.WriteString("id", MessageJson.Text(call, "id"));
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", MessageJson.Text(call, "name"));
                writer.WriteString("arguments", Compact(call.GetProperty("input")));
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        return null;
    }

    private static string? WritePart(JsonElement block, Utf8JsonWriter writer)
    {
        switch (MessageJson.Text(block, "type"))
        {
            case "text" when IsPlainText(block):
                writer.WriteStartObject();
                writer.WriteString("type", "text");
                writer.WriteString("text", MessageJson.Text(block, "text"));
                writer.WriteEndObject();
                return null;

            case "image" when block.TryGetProperty("source", out var source) && UrlOf(source) is { } url:
                writer.WriteStartObject();
                writer.WriteString("type", "image_url");
                writer.WriteStartObject("image_url");
                writer.WriteString("url", url);
                writer.WriteEndObject();
                writer.WriteEndObject();
                return null;

            default:
                return "content blocks other than text and images";
        }
    }

    private static string? UrlOf(JsonElement source) => MessageJson.Text(source, "type") switch
    {
        "base64" when MessageJson.Text(source, "media_type") is { } type && MessageJson.Text(source, "data") is { } data => $"data:{type};base64,{data}",
        "url" => MessageJson.Text(source, "url"),
        _ => null,
    };

    /// <summary>A text, or blocks of nothing else.</summary>
    private static string? WriteTexts(JsonElement content, Utf8JsonWriter writer)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            writer.WriteString("content", content.GetString());
            return null;
        }

        writer.WriteStartArray("content");
        foreach (var block in content.ValueKind is JsonValueKind.Array ? content.EnumerateArray().ToList() : [content])
        {
            if (MessageJson.Text(block, "type") != "text" || !IsPlainText(block))
            {
                return "content blocks other than text";
            }

            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", MessageJson.Text(block, "text"));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return null;
    }

    /// <summary>Without citations and the like, of which the other API knows nothing.</summary>
    private static bool IsPlainText(JsonElement block) =>
        MessageJson.Text(block, "text") is not null
        && block.EnumerateObject().All(static member => member.Name is "type" or "text" or "cache_control" || (member.Name == "citations" && member.Value.ValueKind is JsonValueKind.Null));

    private static string Compact(JsonElement input)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            input.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
