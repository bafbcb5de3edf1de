using System.Buffers;
using System.Text;
using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>Answers of the Anthropic Messages API, translated into those of the chat completions API.</summary>
internal sealed class AnthropicFormat(TimeProvider time) : IAnswerFormat
{
    public IStreamFormat OpenStream() => new AnthropicStreamFormat(time);

    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        AnswerText.Check(body.Span);
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object
            || !root.TryGetProperty("content", out var content)
            || content.ValueKind is not JsonValueKind.Array)
        {
            throw new MalformedAnswerException("A message without content.");
        }

        AnthropicUsage usage = new();
        usage.Read(root);
        facts.ResponseModel = TextOf(root, "model");
        facts.FinishReason = FinishReason(TextOf(root, "stop_reason"));
        facts.InputTokens = usage.Input > 0 ? usage.Input : null;
        facts.OutputTokens = usage.Input > 0 ? usage.Output : null;
        facts.CachedTokens = usage.Input > 0 ? usage.CacheRead : null;
        facts.ResponseId = facts.IsTraced ? TextOf(root, "id") : null;
        facts.CountedTokens = usage.Input > 0 ? 0 : TokenCount.Of(content);
        facts.RanIn = usage.Place ?? facts.RanIn;
        facts.HasContent = MessageFacts.HasContent(content);

        ArrayBufferWriter<byte> output = new(body.Length + 256);
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("id", TextOf(root, "id"));
            writer.WriteString("object", "chat.completion");
            writer.WriteNumber("created", time.GetUtcNow().ToUnixTimeSeconds());
            writer.WriteString("model", facts.ResponseModel);
            writer.WriteStartArray("choices");
            writer.WriteStartObject();
            writer.WriteNumber("index", 0);
            WriteMessage(content, writer);
            writer.WriteNull("logprobs");
            writer.WriteString("finish_reason", facts.FinishReason);
            writer.WriteEndObject();
            writer.WriteEndArray();
            usage.Write(writer);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>The chat completions finish reason for a stop reason.</summary>
    /// <exception cref="MalformedAnswerException">The stop reason is missing or not known; none is invented for it.</exception>
    public static string FinishReason(string? stopReason) => stopReason switch
    {
        "end_turn" or "stop_sequence" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        _ => throw new MalformedAnswerException("An unknown stop reason."),
    };

    public static string? TextOf(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string Compact(JsonElement input)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            input.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void WriteMessage(JsonElement content, Utf8JsonWriter writer)
    {
        StringBuilder? text = null;
        List<JsonElement> calls = [];
        foreach (var block in content.EnumerateArray())
        {
            switch (TextOf(block, "type"))
            {
                case "text":
                    (text ??= new StringBuilder()).Append(TextOf(block, "text"));
                    break;
                case "tool_use":
                    calls.Add(block);
                    break;
            }
        }

        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", text?.ToString());
        writer.WriteNull("refusal");
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                writer.WriteString("id", TextOf(call, "id"));
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", TextOf(call, "name"));
                writer.WriteString("arguments", call.TryGetProperty("input", out var input) ? Compact(input) : "{}");
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
