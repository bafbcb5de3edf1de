using System.Text.Json;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Gemini;

/// <summary>
/// Translates the conversation. Instructions at its beginning become <c>systemInstruction</c>; consecutive messages of one side become one content of several
/// parts, so that the results of parallel calls stand together.
/// </summary>
internal static class GeminiContents
{
    private const string Marker = ";base64,";

    /// <summary>What stands for the signature of a call that another model made: Google's documented value for histories from elsewhere.</summary>
    private const string ForeignSignature = "skip_thought_signature_validator";

    /// <returns>What cannot be translated, in fixed words; null when all was written.</returns>
    public static string? Write(JsonElement messages, Utf8JsonWriter writer)
    {
        var all = messages.EnumerateArray().ToList();
        var first = all.FindIndex(static message => !IsInstruction(message));
        if (first < 0)
        {
            return "conversation without a user message";
        }

        if (WriteSystem(all.Take(first).ToList(), writer) is { } gap)
        {
            return gap;
        }

        if (SideOf(all[first]) != "user" || SideOf(all[^1]) != "user")
        {
            return "conversation that begins or ends with the assistant";
        }

        Dictionary<string, string> calls = new(StringComparer.Ordinal);
        writer.WriteStartArray("contents");
        string? side = null;
        foreach (var message in all.Skip(first))
        {
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
                writer.WriteStartArray("parts");
            }

            if (WriteParts(message, calls, writer) is { } missing)
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

    private static string SideOf(JsonElement message) => RoleOf(message) is "assistant" ? "model" : "user";

    private static string? WriteSystem(List<JsonElement> instructions, Utf8JsonWriter writer)
    {
        if (instructions.Count == 0)
        {
            return null;
        }

        writer.WriteStartObject("systemInstruction");
        writer.WriteStartArray("parts");
        foreach (var message in instructions)
        {
            if ((UnknownMember(message) ?? WriteContent(message, writer, mayHaveImages: false)) is { } gap)
            {
                return gap;
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }

    private static string? WriteParts(JsonElement message, Dictionary<string, string> calls, Utf8JsonWriter writer)
    {
        if (UnknownMember(message) is { } unknown)
        {
            return unknown;
        }

        switch (RoleOf(message))
        {
            case "user":
                return WriteContent(message, writer, mayHaveImages: true);

            case "assistant":
                var hasCalls = AnthropicRequest.Has(message, "tool_calls", out var made);
                return WriteContent(message, writer, mayHaveImages: false, mayBeEmpty: hasCalls) ?? (hasCalls ? WriteCalls(made!.Value, calls, writer) : null);

            case "tool":
                return WriteResult(message, calls, writer);

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

    private static string? WriteContent(JsonElement message, Utf8JsonWriter writer, bool mayHaveImages, bool mayBeEmpty = false)
    {
        var isEmpty = true;
        if (AnthropicRequest.Has(message, "content", out var content))
        {
            foreach (var part in content.Value.ValueKind is JsonValueKind.Array ? [.. content.Value.EnumerateArray()] : new[] { content.Value })
            {
                if (mayHaveImages && WriteImage(part, writer))
                {
                    isEmpty = false;
                }
                else if (TextOf(part) is not { } text)
                {
                    return "content parts other than text and images in the request itself";
                }
                else if (text.Length > 0)
                {
                    isEmpty = false;
                    writer.WriteStartObject();
                    writer.WriteString("text", text);
                    writer.WriteEndObject();
                }
            }
        }

        return isEmpty && !mayBeEmpty ? "empty messages" : null;
    }

    private static string? TextOf(JsonElement part) => part.ValueKind is JsonValueKind.String
        ? part.GetString()
        : MessageJson.Text(part, "type") == "text" && part.EnumerateObject().Count() == 2 ? MessageJson.Text(part, "text") : null;

    /// <summary>Writes an image that stands in the request; false, and nothing is written, for what is none. One at an address would be fetched by Google.</summary>
    private static bool WriteImage(JsonElement part, Utf8JsonWriter writer)
    {
        if (MessageJson.Text(part, "type") != "image_url" || part.EnumerateObject().Count() != 2 || !part.TryGetProperty("image_url", out var image)
            || MessageJson.Text(image, "url") is not { } url || !url.StartsWith("data:", StringComparison.Ordinal)
            || image.EnumerateObject().Any(static member => member.Name != "url" && !(member.Name == "detail" && member.Value.ValueEquals("auto"u8)))
            || url.IndexOf(Marker, StringComparison.Ordinal) is not (> 0 and var marker))
        {
            return false;
        }

        writer.WriteStartObject();
        writer.WriteStartObject("inlineData");
        writer.WriteString("mimeType", url.AsSpan("data:".Length, marker - "data:".Length));
        writer.WriteString("data", url.AsSpan(marker + Marker.Length));
        writer.WriteEndObject();
        writer.WriteEndObject();
        return true;
    }

    private static string? WriteCalls(JsonElement made, Dictionary<string, string> calls, Utf8JsonWriter writer)
    {
        if (made.ValueKind is not JsonValueKind.Array)
        {
            return "tool_calls";
        }

        var isFirst = true;
        foreach (var call in made.EnumerateArray())
        {
            if (MessageJson.Text(call, "type") != "function" || MessageJson.Text(call, "id") is not { } id || !call.TryGetProperty("function", out var function)
                || MessageJson.Text(function, "name") is not { } name)
            {
                return "tool calls other than functions";
            }

            calls[id] = name;
            writer.WriteStartObject();
            writer.WriteStartObject("functionCall");
            writer.WriteString("name", name);
            writer.WritePropertyName("args");
            if (!AnthropicTools.WriteArguments(MessageJson.Text(function, "arguments"), writer))
            {
                return "tool arguments that are no JSON object";
            }

            writer.WriteEndObject();
            if (SignatureOf(call) is { } signature)
            {
                writer.WriteString("thoughtSignature", signature);
            }
            else if (isFirst)
            {
                writer.WriteString("thoughtSignature", ForeignSignature);
            }

            writer.WriteEndObject();
            isFirst = false;
        }

        return null;
    }

    /// <summary>The signature this wire gave with the call, where the caller sends back what it got.</summary>
    private static string? SignatureOf(JsonElement call) =>
        call.TryGetProperty("extra_content", out var extra) && extra.ValueKind is JsonValueKind.Object && extra.TryGetProperty("google", out var google)
            ? MessageJson.Text(google, "thought_signature")
            : null;

    private static string? WriteResult(JsonElement message, Dictionary<string, string> calls, Utf8JsonWriter writer)
    {
        if (MessageJson.Text(message, "tool_call_id") is not { } id || !calls.TryGetValue(id, out var name))
        {
            return "tool result without its call";
        }

        List<string> texts = [];
        if (AnthropicRequest.Has(message, "content", out var content))
        {
            foreach (var part in content.Value.ValueKind is JsonValueKind.Array ? [.. content.Value.EnumerateArray()] : new[] { content.Value })
            {
                if (TextOf(part) is not { } text)
                {
                    return "content parts other than text in a tool's result";
                }

                texts.Add(text);
            }
        }

        writer.WriteStartObject();
        writer.WriteStartObject("functionResponse");
        writer.WriteString("name", name);
        writer.WriteStartObject("response");
        writer.WriteString("output", string.Concat(texts));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }
}
