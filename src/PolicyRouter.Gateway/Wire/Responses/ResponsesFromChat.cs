using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>Answers of chat completions, read from whatever wire, translated into those of the Responses API.</summary>
/// <param name="chat">Reads the wire into chat completions.</param>
internal sealed class ResponsesFromChat(TimeProvider time, IAnswerFormat chat) : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        using var document = JsonDocument.Parse(chat.ReadWhole(body, facts));
        var root = document.RootElement;
        if (!root.GetProperty("choices")[0].TryGetProperty("message", out var message) || message.ValueKind is not JsonValueKind.Object)
        {
            throw new MalformedAnswerException("A choice without a message.");
        }

        var id = IdOf(root);
        return MessageJson.Write(writer => ResponseObject.Write(
            writer, $"resp_{id}", time.GetUtcNow().ToUnixTimeSeconds(), facts.ResponseModel, facts.FinishReason ?? throw new MalformedAnswerException("An answer without a finish reason."), facts, output =>
            {
                var text = MessageJson.Text(message, "content");
                var refusal = MessageJson.Text(message, "refusal");
                if (text is { Length: > 0 } || refusal is not null)
                {
                    ResponseObject.WriteMessage(output, $"msg_{id}", isDone: true, ("output_text", text is { Length: > 0 } ? text : null), ("refusal", refusal));
                }

                if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind is JsonValueKind.Array)
                {
                    var at = 0;
                    foreach (var call in calls.EnumerateArray())
                    {
                        if (!call.TryGetProperty("function", out var function) || MessageJson.Text(call, "id") is not { } callId || MessageJson.Text(function, "name") is not { } name)
                        {
                            throw new MalformedAnswerException("A tool call that is no function.");
                        }

                        ResponseObject.WriteCall(output, $"fc_{id}_{at++}", isDone: true, callId, name, MessageJson.Text(function, "arguments") is { Length: > 0 } arguments ? arguments : "{}");
                    }
                }
            }));
    }

    public IStreamFormat OpenStream() => new ResponsesStreamFromChat(time, chat.OpenStream());

    /// <summary>The part of an id that is the answer's own.</summary>
    public static string IdOf(JsonElement root) => (MessageJson.Text(root, "id") ?? "").Replace("chatcmpl-", "", StringComparison.Ordinal).Replace("msg_", "", StringComparison.Ordinal);
}
