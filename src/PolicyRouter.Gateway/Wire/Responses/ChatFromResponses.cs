using System.Text.Json;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>
/// Translates a request of the Responses API into one of chat completions. Only what means the same there is translated; the first thing that does not is named, and there is
/// no body.
/// </summary>
internal static class ChatFromResponses
{
    /// <inheritdoc cref="RequestTranslator"/>
    public static byte[]? Translate(ReadOnlyMemory<byte> body, out string? missing) => Translation.Of(body, GapOf, Write, out missing);

    private static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        WriteParameters(root, writer);
        return ChatItems.Write(root, writer) ?? WriteTools(root, writer);
    }

    // Names and keys that only the provider's own records and caches would use are left out.
    private static string? GapOf(string name, JsonElement value) => name switch
    {
        "model" or "input" or "instructions" or "tools" or "tool_choice" or "stream" or "metadata" or "prompt_cache_key" or "safety_identifier" => null,
        "max_output_tokens" when value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens > 0 => null,
        "temperature" or "top_p" when value.ValueKind is JsonValueKind.Number => null,
        "parallel_tool_calls" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
        "store" or "background" when value.ValueKind is JsonValueKind.False => null,
        "user" when value.ValueKind is JsonValueKind.String => null,
        "truncation" when value.ValueKind is JsonValueKind.String && value.ValueEquals("disabled"u8) => null,
        "service_tier" when value.ValueKind is JsonValueKind.String && value.ValueEquals("auto"u8) => null,
        "include" when value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 0 => null,
        "top_logprobs" when value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var count) && count == 0 => null,
        "reasoning" when value.ValueKind is JsonValueKind.Object && value.EnumerateObject().All(static one => one.Value.ValueKind is JsonValueKind.Null || (one.Name == "effort" && one.Value.ValueKind is JsonValueKind.String)) => null,
        "text" when IsText(value) => null,
        "max_output_tokens" or "temperature" or "top_p" or "parallel_tool_calls" or "store" or "user" or "truncation" or "service_tier" or "include" or "top_logprobs" or "reasoning" or "text"
            or "stream_options" or "max_tool_calls" => name,
        _ => "unknown field",
    };

    private static bool IsText(JsonElement text) =>
        text.ValueKind is JsonValueKind.Object
        && text.EnumerateObject().All(static member => member.Value.ValueKind is JsonValueKind.Null
            || (member.Name == "format" && MessageJson.Text(member.Value, "type") is "text" or "json_object")
            || (member.Name == "format" && MessageJson.Text(member.Value, "type") == "json_schema" && member.Value.TryGetProperty("schema", out _) && MessageJson.Text(member.Value, "name") is not null)
            || (member.Name == "verbosity" && member.Value.ValueKind is JsonValueKind.String));

    private static void WriteParameters(JsonElement root, Utf8JsonWriter writer)
    {
        // Models that reason refuse the old name; others need not know the new one.
        var effort = root.TryGetProperty("reasoning", out var reasoning) ? MessageJson.Text(reasoning, "effort") : null;
        foreach (var (name, there) in (ReadOnlySpan<(string, string)>)
            [("max_output_tokens", effort is null ? "max_tokens" : "max_completion_tokens"), ("temperature", "temperature"), ("top_p", "top_p"), ("stream", "stream"), ("parallel_tool_calls", "parallel_tool_calls"), ("user", "user")])
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null)
            {
                writer.WritePropertyName(there);
                value.WriteTo(writer);
            }
        }

        if (root.TryGetProperty("stream", out var stream) && stream.ValueKind is JsonValueKind.True)
        {
            // Its answers always end with their usage.
            writer.WriteStartObject("stream_options");
            writer.WriteBoolean("include_usage", true);
            writer.WriteEndObject();
        }

        if (effort is not null)
        {
            writer.WriteString("reasoning_effort", effort);
        }

        if (!root.TryGetProperty("text", out var text) || text.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        if (MessageJson.Text(text, "verbosity") is { } verbosity)
        {
            writer.WriteString("verbosity", verbosity);
        }

        if (text.TryGetProperty("format", out var format) && MessageJson.Text(format, "type") is { } type and not "text")
        {
            writer.WriteStartObject("response_format");
            writer.WriteString("type", type);
            if (type == "json_schema")
            {
                writer.WriteStartObject("json_schema");
                foreach (var member in format.EnumerateObject().Where(static member => member.Name != "type"))
                {
                    member.WriteTo(writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }
    }

    private static string? WriteTools(JsonElement root, Utf8JsonWriter writer)
    {
        if (!root.TryGetProperty("tools", out var tools) || tools.ValueKind is not JsonValueKind.Array || tools.GetArrayLength() == 0)
        {
            return root.TryGetProperty("tool_choice", out var alone) && !(alone.ValueKind is JsonValueKind.String && (alone.ValueEquals("auto"u8) || alone.ValueEquals("none"u8))) && alone.ValueKind is not JsonValueKind.Null
                ? "tool_choice without tools"
                : null;
        }

        writer.WriteStartArray("tools");
        foreach (var tool in tools.EnumerateArray())
        {
            if (MessageJson.Text(tool, "type") != "function")
            {
                return "tools other than functions";
            }

            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            foreach (var member in tool.EnumerateObject().Where(static member => member.Name != "type" && member.Value.ValueKind is not JsonValueKind.Null))
            {
                if (member.Name is not ("name" or "description" or "parameters" or "strict"))
                {
                    return "unknown tool field";
                }

                member.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return WriteChoice(root, writer);
    }

    private static string? WriteChoice(JsonElement root, Utf8JsonWriter writer)
    {
        if (!root.TryGetProperty("tool_choice", out var choice) || choice.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        if (choice.ValueKind is JsonValueKind.String && choice.GetString() is { } word && word is "auto" or "none" or "required")
        {
            writer.WriteString("tool_choice", word);
            return null;
        }

        if (MessageJson.Text(choice, "type") != "function" || MessageJson.Text(choice, "name") is not { } name)
        {
            return "tool_choice";
        }

        writer.WriteStartObject("tool_choice");
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", name);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }
}
