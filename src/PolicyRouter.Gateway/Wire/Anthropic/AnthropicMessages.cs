using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>
/// Translates the conversation. Instructions at its beginning become <c>system</c>; consecutive messages of one side become one
/// message of several blocks, so that the results of parallel tool calls stand together as the Messages API demands.
/// </summary>
internal static class AnthropicMessages
{
    /// <returns>What cannot be translated, in fixed words; null when all was written.</returns>
    public static string? Write(JsonElement messages, Utf8JsonWriter writer)
    {
        var all = messages.EnumerateArray().ToList();
        var first = all.FindIndex(static message => !IsInstruction(message));
        if (first < 0)
        {
            return "conversation without a user message";
        }

        if (WriteSystem(all.Take(first), writer) is { } gap)
        {
            return gap;
        }

        if (SideOf(all[first]) != "user" || SideOf(all[^1]) != "user")
        {
            return "conversation that begins or ends with the assistant";
        }

        writer.WriteStartArray("messages");
        string? side = null;
        for (var at = first; at < all.Count; at++)
        {
            var message = all[at];
            if (IsInstruction(message))
            {
                return "instructions after the beginning of the conversation";
            }

            if (SideOf(message) != side)
            {
                Close(writer, side);
                side = SideOf(message);
                writer.WriteStartObject();
                writer.WriteString("role", side);
                writer.WriteStartArray("content");
            }

            if (WriteBlocks(message, writer) is { } missing)
            {
                return missing;
            }
        }

        Close(writer, side);
        writer.WriteEndArray();
        return null;
    }

    private static void Close(Utf8JsonWriter writer, string? side)
    {
        if (side is not null)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static string RoleOf(JsonElement message) => message.GetProperty("role").GetString()!;

    private static bool IsInstruction(JsonElement message) => RoleOf(message) is "system" or "developer";

    private static string SideOf(JsonElement message) => RoleOf(message) is "assistant" ? "assistant" : "user";

    private static string? WriteSystem(IEnumerable<JsonElement> instructions, Utf8JsonWriter writer)
    {
        var isOpen = false;
        foreach (var message in instructions)
        {
            if (!isOpen)
            {
                writer.WriteStartArray("system");
                isOpen = true;
            }

            if (UnknownMember(message) is { } unknown)
            {
                return unknown;
            }

            if (WriteTexts(message, writer) is { } gap)
            {
                return gap;
            }
        }

        if (isOpen)
        {
            writer.WriteEndArray();
        }

        return null;
    }

    private static string? WriteBlocks(JsonElement message, Utf8JsonWriter writer)
    {
        var role = RoleOf(message);
        if (UnknownMember(message) is { } unknown)
        {
            return unknown;
        }

        switch (role)
        {
            case "user":
                return WriteTexts(message, writer, mayHaveImages: true);

            case "tool":
                if (!AnthropicRequest.Has(message, "tool_call_id", out var id) || id.Value.ValueKind is not JsonValueKind.String)
                {
                    return "tool result without a tool_call_id";
                }

                writer.WriteStartObject();
                writer.WriteString("type", "tool_result");
                writer.WriteString("tool_use_id", id.Value.GetString());
                writer.WriteStartArray("content");
                var gap = WriteTexts(message, writer, mayBeEmpty: true);
                writer.WriteEndArray();
                writer.WriteEndObject();
                return gap;

            case "assistant":
                var hasCalls = AnthropicRequest.Has(message, "tool_calls", out var calls);
                return WriteTexts(message, writer, mayBeEmpty: hasCalls)
                    ?? (hasCalls ? AnthropicTools.WriteCalls(calls!.Value, writer) : null);

            default:
                return "function messages";
        }
    }

    private static string? UnknownMember(JsonElement message)
    {
        var role = RoleOf(message);
        foreach (var member in message.EnumerateObject())
        {
            var isKnown = member.Value.ValueKind is JsonValueKind.Null || member.Name switch
            {
                "role" or "content" => true,
                "tool_calls" => role == "assistant",
                "tool_call_id" => role == "tool",
                _ => false,
            };
            if (!isKnown)
            {
                return member.Name is "name" or "audio" or "function_call" or "refusal" ? $"messages[].{member.Name}" : "unknown message field";
            }
        }

        return null;
    }

    private static string? WriteTexts(JsonElement message, Utf8JsonWriter writer, bool mayBeEmpty = false, bool mayHaveImages = false)
    {
        var isEmpty = true;
        if (AnthropicRequest.Has(message, "content", out var content))
        {
            foreach (var part in content.Value.ValueKind is JsonValueKind.Array ? [.. content.Value.EnumerateArray()] : new[] { content.Value })
            {
                if (mayHaveImages && AnthropicImage.Write(part, writer))
                {
                    isEmpty = false;
                    continue;
                }

                if (TextOf(part) is not { } text)
                {
                    return "content parts other than text and images";
                }

                // The Messages API refuses empty text blocks.
                if (text.Length > 0)
                {
                    isEmpty = false;
                    writer.WriteStartObject();
                    writer.WriteString("type", "text");
                    writer.WriteString("text", text);
                    writer.WriteEndObject();
                }
            }
        }

        return isEmpty && !mayBeEmpty ? "empty messages" : null;
    }

    private static string? TextOf(JsonElement part)
    {
        if (part.ValueKind is JsonValueKind.String)
        {
            return part.GetString();
        }

        var isPlain = part.TryGetProperty("type", out var type) && type.ValueEquals("text"u8)
            && part.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String
            && part.EnumerateObject().Count() == 2;
        return isPlain ? part.GetProperty("text").GetString() : null;
    }
}
