using System.Text.Json;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>
/// Translates the chunks of one chat completions stream into events of the Messages API: blocks one after another, the text first, each tool call a block of its own, the stop
/// reason with the usage at the end.
/// </summary>
internal sealed class MessagesStreamFromChat(IStreamFormat chat) : IStreamFormat
{
    private const int None = -1;

    private readonly AnswerFacts _facts = new() { IsTraced = true };
    private readonly List<StreamChunk> _chunks = [];
    private bool _hasStarted;
    private bool _isRefusal;
    private bool _hasCalls;
    private string? _finishReason;

    // The open block, and the tool call it is; None for a block of text.
    private int _block = None;
    private int _call = None;
    private bool _isOpen;

    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks)
    {
        _chunks.Clear();
        var hasEnded = chat.Accept(eventName, data, _chunks);
        foreach (var chunk in _chunks)
        {
            using (chunk)
            {
                chat.Note(chunk, _facts);
                if (chunk.Root.TryGetProperty("choices"u8, out var choices) && choices.ValueKind is JsonValueKind.Array && choices.GetArrayLength() > 0)
                {
                    Start(chunk.Root, chunks);
                    Take(choices[0], chunks);
                }
            }
        }

        if (hasEnded)
        {
            End(chunks);
        }

        return hasEnded;
    }

    public bool Note(StreamChunk chunk, AnswerFacts facts)
    {
        facts.Take(_facts);
        return MessageJson.Text(chunk.Root, "type") is "content_block_delta" or "message_delta"
            || (chunk.Root.TryGetProperty("content_block", out var block) && MessageJson.Text(block, "type") == "tool_use");
    }

    private void Start(JsonElement root, List<StreamChunk> chunks)
    {
        if (_hasStarted)
        {
            return;
        }

        _hasStarted = true;
        chunks.Add(Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "message_start");
            writer.WriteStartObject("message");
            writer.WriteString("id", MessagesFromChat.IdOf(root));
            writer.WriteString("type", "message");
            writer.WriteString("role", "assistant");
            writer.WriteString("model", MessageJson.Text(root, "model"));
            writer.WriteStartArray("content");
            writer.WriteEndArray();
            writer.WriteNull("stop_reason");
            writer.WriteNull("stop_sequence");
            writer.WriteStartObject("usage");
            writer.WriteNumber("input_tokens", 0);
            writer.WriteNumber("output_tokens", 0);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }

    private void Take(JsonElement choice, List<StreamChunk> chunks)
    {
        if (choice.TryGetProperty("delta", out var delta) && delta.ValueKind is JsonValueKind.Object)
        {
            _isRefusal |= MessageJson.Text(delta, "refusal") is { Length: > 0 };
            foreach (var text in (string?[])[MessageJson.Text(delta, "content"), MessageJson.Text(delta, "refusal")])
            {
                if (text is { Length: > 0 })
                {
                    Text(text, chunks);
                }
            }

            if (delta.TryGetProperty("tool_calls", out var calls) && calls.ValueKind is JsonValueKind.Array)
            {
                foreach (var call in calls.EnumerateArray())
                {
                    Call(call, chunks);
                }
            }
        }

        _finishReason ??= MessageJson.Text(choice, "finish_reason");
    }

    private void Text(string text, List<StreamChunk> chunks)
    {
        if (!_isOpen || _call != None)
        {
            Open(None, chunks, static writer =>
            {
                writer.WriteString("type", "text");
                writer.WriteString("text", "");
            });
        }

        Delta("text_delta", "text", text, chunks);
    }

    private void Call(JsonElement call, List<StreamChunk> chunks)
    {
        var index = MessageJson.Index(call);
        var function = call.TryGetProperty("function", out var found) ? found : default;
        if (!_isOpen || _call != index)
        {
            if (index < _call || MessageJson.Text(call, "id") is not { } id || MessageJson.Text(function, "name") is not { } name)
            {
                throw new MalformedAnswerException("Tool calls out of order.");
            }

            Open(index, chunks, writer =>
            {
                writer.WriteString("type", "tool_use");
                writer.WriteString("id", id);
                writer.WriteString("name", name);
                writer.WriteStartObject("input");
                writer.WriteEndObject();
            });
        }

        if (MessageJson.Text(function, "arguments") is { Length: > 0 } arguments)
        {
            Delta("input_json_delta", "partial_json", arguments, chunks);
        }
    }

    private void Open(int call, List<StreamChunk> chunks, Action<Utf8JsonWriter> block)
    {
        Close(chunks);
        _block++;
        _isOpen = true;
        _call = call;
        _hasCalls |= call != None;
        chunks.Add(Event("content_block_start", writer =>
        {
            writer.WriteStartObject("content_block");
            block(writer);
            writer.WriteEndObject();
        }));
    }

    private void Delta(string type, string member, string text, List<StreamChunk> chunks) => chunks.Add(Event("content_block_delta", writer =>
    {
        writer.WriteStartObject("delta");
        writer.WriteString("type", type);
        writer.WriteString(member, text);
        writer.WriteEndObject();
    }));

    private void Close(List<StreamChunk> chunks)
    {
        if (_isOpen)
        {
            chunks.Add(Event("content_block_stop", static _ => { }));
            _isOpen = false;
        }
    }

    private void End(List<StreamChunk> chunks)
    {
        if (!_hasStarted)
        {
            throw new MalformedAnswerException("A stream without a chunk.");
        }

        Close(chunks);
        var reason = MessagesFromChat.StopReason(_finishReason, _isRefusal, _hasCalls);
        chunks.Add(Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "message_delta");
            writer.WriteStartObject("delta");
            writer.WriteString("stop_reason", reason);
            writer.WriteNull("stop_sequence");
            writer.WriteEndObject();
            MessagesFromChat.WriteUsage(writer, _facts);
            writer.WriteEndObject();
        }));
        chunks.Add(Write(static writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "message_stop");
            writer.WriteEndObject();
        }));
    }

    private StreamChunk Event(string type, Action<Utf8JsonWriter> rest) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteNumber("index", _block);
        rest(writer);
        writer.WriteEndObject();
    });

    private static StreamChunk Write(Action<Utf8JsonWriter> write) => StreamChunk.Of(MessageJson.Write(write));
}
