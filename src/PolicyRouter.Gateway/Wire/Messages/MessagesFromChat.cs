using System.Text.Json;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>Answers of a provider that speaks chat completions, translated into those of the Messages API.</summary>
/// <param name="chat">Reads the provider's answers as chat completions.</param>
internal sealed class MessagesFromChat(IAnswerFormat chat) : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        using var document = JsonDocument.Parse(chat.ReadWhole(body, facts));
        var root = document.RootElement;
        if (!root.GetProperty("choices")[0].TryGetProperty("message", out var message) || message.ValueKind is not JsonValueKind.Object)
        {
            throw new MalformedAnswerException("A choice without a message.");
        }

        return MessageJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id", IdOf(root));
            writer.WriteString("type", "message");
            writer.WriteString("role", "assistant");
            writer.WriteString("model", facts.ResponseModel);
            writer.WriteStartArray("content");
            foreach (var text in (string?[])[MessageJson.Text(message, "content"), MessageJson.Text(message, "refusal")])
            {
                if (text is { Length: > 0 })
                {
                    writer.WriteStartObject();
                    writer.WriteString("type", "text");
                    writer.WriteString("text", text);
                    writer.WriteEndObject();
                }
            }

            var hasCalls = false;
            if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind is JsonValueKind.Array)
            {
                hasCalls = calls.GetArrayLength() > 0;
                foreach (var call in calls.EnumerateArray())
                {
                    WriteCall(call, writer);
                }
            }

            writer.WriteEndArray();
            writer.WriteString("stop_reason", StopReason(facts.FinishReason, MessageJson.Text(message, "refusal") is not null, hasCalls));
            writer.WriteNull("stop_sequence");
            WriteUsage(writer, facts);
            writer.WriteEndObject();
        });
    }

    public IStreamFormat OpenStream() => new MessagesStreamFromChat(chat.OpenStream());

    /// <param name="hasCalls">A function that the request forces upon the model is called with the reason <c>stop</c>.</param>
    /// <exception cref="MalformedAnswerException">The reason is missing or not known; none is invented for it.</exception>
    public static string StopReason(string? finishReason, bool isRefusal, bool hasCalls) => finishReason switch
    {
        "stop" => isRefusal ? "refusal" : hasCalls ? "tool_use" : "end_turn",
        "length" => "max_tokens",
        "tool_calls" or "function_call" => "tool_use",
        "content_filter" => "refusal",
        _ => throw new MalformedAnswerException("An unknown finish reason."),
    };

    /// <summary>Ids of messages begin in the same way there.</summary>
    public static string IdOf(JsonElement root) => $"msg_{MessageJson.Text(root, "id")?.Replace("chatcmpl-", "", StringComparison.Ordinal)}";

    /// <summary>Tokens that were read from a cache are counted apart there, and among the others in chat completions.</summary>
    public static void WriteUsage(Utf8JsonWriter writer, AnswerFacts facts)
    {
        var input = facts.InputTokens ?? 0;
        var cached = Math.Clamp(facts.CachedTokens ?? 0, 0, input);
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", input - cached);
        if (facts.CachedTokens is not null)
        {
            writer.WriteNumber("cache_read_input_tokens", cached);
        }

        writer.WriteNumber("output_tokens", facts.OutputTokens ?? 0);
        writer.WriteEndObject();
    }

    private static void WriteCall(JsonElement call, Utf8JsonWriter writer)
    {
        if (!call.TryGetProperty("function", out var function) || MessageJson.Text(call, "id") is not { } id || MessageJson.Text(function, "name") is not { } name)
        {
            throw new MalformedAnswerException("A tool call that is no function.");
        }

        using var input = Parse(MessageJson.Text(function, "arguments"));
        writer.WriteStartObject();
        writer.WriteString("type", "tool_use");
        writer.WriteString("id", id);
        writer.WriteString("name", name);
        writer.WritePropertyName("input");
        input.RootElement.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static JsonDocument Parse(string? arguments)
    {
        var input = JsonDocument.Parse(string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
        return input.RootElement.ValueKind is JsonValueKind.Object ? input : throw new MalformedAnswerException("Tool arguments that are no object.");
    }
}
