using System.Text.Json;
using PolicyRouter.Gateway.Wire.Anthropic;

namespace PolicyRouter.Gateway.Wire.Gemini;

/// <summary>
/// Translates a chat completions request into one of Google's generateContent (Vertex AI REST reference, v1). Only what means the same there is translated;
/// the first thing that does not is named, and there is no body.
/// </summary>
internal static class GeminiRequest
{
    /// <inheritdoc cref="RequestTranslator"/>
    public static byte[]? Translate(ReadOnlyMemory<byte> body, out string? missing) => Translation.Of(body, GapOf, Write, out missing);

    private static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        var gap = GeminiContents.Write(root.GetProperty("messages"), writer) ?? GeminiTools.Write(root, writer);
        if (gap is null)
        {
            WriteParameters(root, writer);
        }

        return gap;
    }

    private static string? GapOf(string name, JsonElement value) => name switch
    {
        // Whether the answer is streamed is said by the address; a stream has its usage in any case.
        "model" or "messages" or "tools" or "tool_choice" or "stream_options" or "metadata" or "prompt_cache_key" => null,
        "stream" or "parallel_tool_calls" when value.ValueKind is JsonValueKind.True => null,
        "stream" when value.ValueKind is JsonValueKind.False => null,
        "max_tokens" or "max_completion_tokens" when value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens > 0 => null,
        "temperature" or "top_p" or "presence_penalty" or "frequency_penalty" when value.ValueKind is JsonValueKind.Number => null,
        "seed" when value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out _) => null,
        "user" when value.ValueKind is JsonValueKind.String => null,
        "stop" when value.ValueKind is JsonValueKind.String || (value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(static one => one.ValueKind is JsonValueKind.String)) => null,
        "n" when IsNumber(value, 1) => null,
        "top_logprobs" when IsNumber(value, 0) => null,
        "logprobs" or "store" when value.ValueKind is JsonValueKind.False => null,
        "logit_bias" when value.ValueKind is JsonValueKind.Object && !value.EnumerateObject().Any() => null,
        "modalities" when value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(static one => one.ValueKind is JsonValueKind.String && one.ValueEquals("text"u8)) => null,
        "response_format" => IsFormat(value) ? null : "response_format",
        "service_tier" when value.ValueKind is JsonValueKind.String && value.ValueEquals("auto"u8) => null,
        "n" or "logprobs" or "top_logprobs" or "presence_penalty" or "frequency_penalty" or "logit_bias" or "seed" or "stop" or "store"
            or "modalities" or "audio" or "functions" or "function_call" or "prediction" or "reasoning_effort" or "verbosity"
            or "web_search_options" or "service_tier" or "safety_identifier" or "max_tokens" or "max_completion_tokens"
            or "temperature" or "top_p" or "user" or "stream" or "parallel_tool_calls" => name,
        _ => "unknown parameter",
    };

    private static bool IsNumber(JsonElement value, double expected) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number == expected;

    private static bool IsFormat(JsonElement format) => AnthropicFormat.TextOf(format, "type") switch
    {
        "text" or "json_object" => true,
        "json_schema" => format.TryGetProperty("json_schema", out var schema) && schema.ValueKind is JsonValueKind.Object
            && schema.TryGetProperty("schema", out var content) && content.ValueKind is JsonValueKind.Object,
        _ => false,
    };

    private static void WriteParameters(JsonElement root, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("generationConfig");
        if (AnthropicRequest.Has(root, "max_completion_tokens", out var limit) || AnthropicRequest.Has(root, "max_tokens", out limit))
        {
            writer.WriteNumber("maxOutputTokens", limit.Value.GetInt32());
        }

        foreach (var (here, there) in ((string, string)[])
            [("temperature", "temperature"), ("top_p", "topP"), ("presence_penalty", "presencePenalty"), ("frequency_penalty", "frequencyPenalty"), ("seed", "seed")])
        {
            if (AnthropicRequest.Has(root, here, out var value))
            {
                writer.WritePropertyName(there);
                value.Value.WriteTo(writer);
            }
        }

        if (AnthropicRequest.Has(root, "stop", out var stop))
        {
            writer.WriteStartArray("stopSequences");
            foreach (var sequence in stop.Value.ValueKind is JsonValueKind.Array ? [.. stop.Value.EnumerateArray()] : new[] { stop.Value })
            {
                sequence.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        if (AnthropicRequest.Has(root, "response_format", out var format) && AnthropicFormat.TextOf(format.Value, "type") is "json_object" or "json_schema")
        {
            writer.WriteString("responseMimeType", "application/json");
            if (format!.Value.TryGetProperty("json_schema", out var schema))
            {
                writer.WritePropertyName("responseJsonSchema");
                schema.GetProperty("schema").WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
