using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>
/// Translates a chat completions request into one of the Messages API. Only what means the same there is translated; the first
/// thing that does not is named, and there is no body.
/// </summary>
internal static class AnthropicRequest
{
    // The Messages API demands a limit where the other has none.
    private const int DefaultMaxTokens = 4_096;

    /// <param name="missing">What cannot be translated, in fixed words; null when there is a body.</param>
    /// <returns>The translated body, or null.</returns>
    public static byte[]? Translate(ReadOnlyMemory<byte> body, out string? missing) => Translation.Of(body, GapOf, Write, out missing);

    private static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        WriteParameters(root, writer);
        return AnthropicMessages.Write(root.GetProperty("messages"), writer) ?? AnthropicTools.Write(root, writer);
    }

    /// <summary>The member when it is there and not null.</summary>
    public static bool Has(JsonElement element, string name, [NotNullWhen(true)] out JsonElement? value)
    {
        value = element.TryGetProperty(name, out var found) && found.ValueKind is not JsonValueKind.Null ? found : null;
        return value is not null;
    }

    // Fields that ask for what the other API does by itself anyway, or that only the other side's own records would use, are left out.
    private static string? GapOf(string name, JsonElement value) => name switch
    {
        "model" or "messages" or "tools" or "tool_choice" or "stream_options" or "metadata" or "prompt_cache_key" => null,
        "stream" or "parallel_tool_calls" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
        "max_tokens" or "max_completion_tokens" when value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens > 0 => null,
        "top_p" when value.ValueKind is JsonValueKind.Number => null,

        // The other API's scale ends at 2; this one's at 1.
        "temperature" when value.ValueKind is JsonValueKind.Number && value.GetDouble() <= 1 => null,
        "user" when value.ValueKind is JsonValueKind.String => null,
        "stop" when IsStop(value) => null,
        "n" when IsNumber(value, 1) => null,
        "presence_penalty" or "frequency_penalty" or "top_logprobs" when IsNumber(value, 0) => null,
        "logprobs" or "store" when value.ValueKind is JsonValueKind.False => null,
        "logit_bias" when value.ValueKind is JsonValueKind.Object && !value.EnumerateObject().Any() => null,
        "modalities" when value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(static one => one.ValueKind is JsonValueKind.String && one.ValueEquals("text"u8)) => null,
        "response_format" => AnthropicFormat.TextOf(value, "type") is "text" || StrictSchemaOf(value) is not null ? null : "response_format",
        "service_tier" when value.ValueKind is JsonValueKind.String && value.ValueEquals("auto"u8) => null,
        "n" or "logprobs" or "top_logprobs" or "presence_penalty" or "frequency_penalty" or "logit_bias" or "seed" or "stop" or "store"
            or "modalities" or "audio" or "functions" or "function_call" or "prediction" or "reasoning_effort" or "verbosity"
            or "web_search_options" or "service_tier" or "safety_identifier" or "max_tokens" or "max_completion_tokens"
            or "temperature" or "top_p" or "user" or "stream" or "parallel_tool_calls" => name,
        _ => "unknown parameter",
    };

    /// <summary>
    /// The schema of a format, if the answer must follow it: then both APIs take the same schemas, in which every object lists all it may have. Where it need
    /// not be followed, the other API has nothing like it.
    /// </summary>
    private static JsonElement? StrictSchemaOf(JsonElement format) =>
        AnthropicFormat.TextOf(format, "type") is "json_schema"
        && format.TryGetProperty("json_schema", out var named) && named.ValueKind is JsonValueKind.Object
        && named.TryGetProperty("strict", out var strict) && strict.ValueKind is JsonValueKind.True
        && named.TryGetProperty("schema", out var schema) && schema.ValueKind is JsonValueKind.Object
            ? schema
            : null;

    private static bool IsNumber(JsonElement value, double expected) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number == expected;

    private static bool IsStop(JsonElement value) =>
        value.ValueKind is JsonValueKind.String
        || (value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(static one => one.ValueKind is JsonValueKind.String));

    private static void WriteParameters(JsonElement root, Utf8JsonWriter writer)
    {
        writer.WriteNumber(
            "max_tokens",
            Has(root, "max_completion_tokens", out var limit) || Has(root, "max_tokens", out limit) ? limit.Value.GetInt32() : DefaultMaxTokens);
        if (Has(root, "stream", out var stream))
        {
            writer.WriteBoolean("stream", stream.Value.GetBoolean());
        }

        if (Has(root, "temperature", out var temperature))
        {
            writer.WritePropertyName("temperature");
            temperature.Value.WriteTo(writer);
        }

        if (Has(root, "top_p", out var topP))
        {
            writer.WritePropertyName("top_p");
            topP.Value.WriteTo(writer);
        }

        if (Has(root, "stop", out var stop))
        {
            writer.WriteStartArray("stop_sequences");
            foreach (var sequence in stop.Value.ValueKind is JsonValueKind.Array ? [.. stop.Value.EnumerateArray()] : new[] { stop.Value })
            {
                sequence.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        if (Has(root, "response_format", out var format) && StrictSchemaOf(format.Value) is { } schema)
        {
            writer.WriteStartObject("output_config");
            writer.WriteStartObject("format");
            writer.WriteString("type", "json_schema");
            writer.WritePropertyName("schema");
            schema.WriteTo(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        if (Has(root, "user", out var user))
        {
            writer.WriteStartObject("metadata");
            writer.WriteString("user_id", user.Value.GetString());
            writer.WriteEndObject();
        }
    }
}
