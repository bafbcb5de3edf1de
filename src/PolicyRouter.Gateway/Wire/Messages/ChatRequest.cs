using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>
/// Translates a request of the Messages API into one of chat completions. Only what means the same there is translated; the first thing that does not is named, and there
/// is no body. Hints for the provider's cache and the provider's own thinking of earlier turns change nothing about what is asked, and are left out.
/// </summary>
internal static class ChatRequest
{
    // OpenAI's API refuses more ("stop: up to 4 sequences").
    private const int MostStopSequences = 4;

    /// <inheritdoc cref="RequestTranslator"/>
    public static byte[]? Translate(ReadOnlyMemory<byte> body, out string? missing) => Translation.Of(body, GapOf, Write, out missing);

    private static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        WriteParameters(root, writer);
        return ChatMessages.Write(root, writer) ?? ChatTools.Write(root, writer);
    }

    private static string? GapOf(string name, JsonElement value) => name switch
    {
        "model" or "messages" or "system" or "tools" or "tool_choice" or "cache_control" => null,
        "max_tokens" when value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens > 0 => null,
        "temperature" or "top_p" when value.ValueKind is JsonValueKind.Number => null,
        "stream" => null,
        "stop_sequences" when value.ValueKind is JsonValueKind.Array && value.GetArrayLength() <= MostStopSequences && value.EnumerateArray().All(static one => one.ValueKind is JsonValueKind.String) => null,
        "thinking" when MessageJson.Text(value, "type") == "disabled" => null,
        "service_tier" when value.ValueKind is JsonValueKind.String && value.ValueEquals("auto"u8) => null,
        "metadata" when value.ValueKind is JsonValueKind.Object && value.EnumerateObject().All(static member => MetadataMembers.IsOwn(member.Name) || (member.Name == "user_id" && member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null)) => null,
        "output_format" when SchemaOf(value) is not null => null,
        "output_config" when value.ValueKind is JsonValueKind.Object && value.EnumerateObject().All(static member => member.Name == "format" && SchemaOf(member.Value) is not null) => null,
        "max_tokens" or "temperature" or "top_p" or "top_k" or "stop_sequences" or "thinking" or "service_tier" or "metadata" or "output_format" or "output_config" or "container" or "mcp_servers"
            or "context_management" => name,
        _ => "unknown field",
    };

    /// <summary>The schema of <c>{"type":"json_schema","schema":{...}}</c>; null for anything else.</summary>
    private static JsonElement? SchemaOf(JsonElement format) =>
        MessageJson.Text(format, "type") == "json_schema" && format.TryGetProperty("schema", out var schema) && schema.ValueKind is JsonValueKind.Object ? schema : null;

    private static void WriteParameters(JsonElement root, Utf8JsonWriter writer)
    {
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "temperature", "top_p", "stream"])
        {
            if (root.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
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

        if (root.TryGetProperty("stop_sequences", out var stop) && stop.GetArrayLength() > 0)
        {
            writer.WritePropertyName("stop");
            stop.WriteTo(writer);
        }

        if (root.TryGetProperty("metadata", out var metadata) && MessageJson.Text(metadata, "user_id") is { } user)
        {
            writer.WriteString("user", user);
        }

        var format = root.TryGetProperty("output_format", out var direct) ? direct
            : root.TryGetProperty("output_config", out var config) && config.TryGetProperty("format", out var inner) ? inner
            : default;
        if (format.ValueKind is JsonValueKind.Object && SchemaOf(format) is { } schema)
        {
            writer.WriteStartObject("response_format");
            writer.WriteString("type", "json_schema");
            writer.WriteStartObject("json_schema");
            writer.WriteString("name", "answer");
            writer.WriteBoolean("strict", true);
            writer.WritePropertyName("schema");
            schema.WriteTo(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }
}
