using System.Text;
using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>
/// Translates the chunks of one chat completions stream into events of the Responses API: items one after another, the text first, each call of a function an item of its own, the whole
/// response at the end. Its events are numbered when they are written.
/// </summary>
internal sealed class ResponsesStreamFromChat(TimeProvider time, IStreamFormat chat) : IStreamFormat
{
    private const int Text = -1;

    private readonly AnswerFacts _facts = new() { IsTraced = true };
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();
    private readonly List<StreamChunk> _chunks = [];
    private readonly List<Item> _items = [];
    private Item? _open;
    private string? _id;
    private bool _isReasoned;

    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks)
    {
        _chunks.Clear();
        var hasEnded = chat.Accept(eventName, data, _chunks);
        foreach (var chunk in _chunks)
        {
            using (chunk)
            {
                chat.Note(chunk, _facts);
                Take(chunk.Root, chunks);
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
        return MessageJson.Text(chunk.Root, "type") is "response.output_text.delta" or "response.refusal.delta" or "response.output_item.added" or "response.completed" or "response.incomplete";
    }

    private void Take(JsonElement root, List<StreamChunk> chunks)
    {
        if (!root.TryGetProperty("choices", out var choices) || choices.ValueKind is not JsonValueKind.Array || choices.GetArrayLength() == 0)
        {
            return;
        }

        if (_id is null)
        {
            _id = ResponsesFromChat.IdOf(root);
            chunks.Add(Whole("response.created", null));
            chunks.Add(Whole("response.in_progress", null));
        }

        _isReasoned |= MessageJson.Text(choices[0], "finish_reason") is not null;
        if (!choices[0].TryGetProperty("delta", out var delta) || delta.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        foreach (var (member, type) in (ReadOnlySpan<(string, string)>)[("content", "output_text"), ("refusal", "refusal")])
        {
            if (MessageJson.Text(delta, member) is { Length: > 0 } text)
            {
                Piece(type, text, chunks);
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

    private void Piece(string type, string text, List<StreamChunk> chunks)
    {
        if (_open is not { Call: Text } || _open.Type != type)
        {
            Close(chunks);
            _open = new Item(Text, _items.Count, $"msg_{_id}_{_items.Count}", type, "", "");
            _items.Add(_open);
            chunks.Add(Event("response.output_item.added", writer =>
            {
                writer.WritePropertyName("item");
                ResponseObject.WriteMessage(writer, _open.Id, isDone: false);
            }));
            chunks.Add(Part("response.content_part.added", ""));
        }

        _open.Text.Append(text);
        chunks.Add(Delta(text));
    }

    private void Call(JsonElement call, List<StreamChunk> chunks)
    {
        var index = MessageJson.Index(call);
        var function = call.TryGetProperty("function", out var found) ? found : default;
        if (_open is null || _open.Call != index)
        {
            if (_items.Exists(item => item.Call >= index) || MessageJson.Text(call, "id") is not { } callId || MessageJson.Text(function, "name") is not { } name)
            {
                throw new MalformedAnswerException("Tool calls out of order.");
            }

            Close(chunks);
            _open = new Item(index, _items.Count, $"fc_{_id}_{_items.Count}", "function_call_arguments", callId, name);
            _items.Add(_open);
            chunks.Add(Event("response.output_item.added", writer =>
            {
                writer.WritePropertyName("item");
                _open.Write(writer, isDone: false);
            }));
        }

        if (MessageJson.Text(function, "arguments") is { Length: > 0 } arguments)
        {
            _open.Text.Append(arguments);
            chunks.Add(Delta(arguments));
        }
    }

    private void Close(List<StreamChunk> chunks)
    {
        if (_open is not { } item)
        {
            return;
        }

        if (item.Call != Text && item.Text.Length == 0)
        {
            // A function without parameters: some say nothing there, and callers parse what they get.
            item.Text.Append("{}");
            chunks.Add(Delta("{}"));
        }

        var member = item.Type switch { "output_text" => "text", "refusal" => "refusal", _ => "arguments" };
        chunks.Add(OfItem($"response.{item.Type}.done", writer => writer.WriteString(member, item.Text.ToString())));
        if (item.Call == Text)
        {
            chunks.Add(Part("response.content_part.done", item.Text.ToString()));
        }

        chunks.Add(Event("response.output_item.done", writer =>
        {
            writer.WritePropertyName("item");
            item.Write(writer, isDone: true);
        }));
        _open = null;
    }

    private void End(List<StreamChunk> chunks)
    {
        if (!_isReasoned)
        {
            throw new MalformedAnswerException("A stream without a finish reason.");
        }

        Close(chunks);
        chunks.Add(Whole(_facts.FinishReason is "length" or "content_filter" ? "response.incomplete" : "response.completed", _facts.FinishReason));
    }

    private StreamChunk Delta(string text) => OfItem($"response.{_open!.Type}.delta", writer => writer.WriteString("delta", text));

    private StreamChunk Part(string type, string text) => OfItem(type, writer =>
    {
        writer.WritePropertyName("part");
        ResponseObject.WritePart(writer, _open!.Type, text);
    });

    /// <summary>An event about the open item; about its only part, when it has parts.</summary>
    private StreamChunk OfItem(string type, Action<Utf8JsonWriter> rest) => Event(type, writer =>
    {
        writer.WriteString("item_id", _open!.Id);
        if (_open.Call == Text)
        {
            writer.WriteNumber("content_index", 0);
        }

        rest(writer);
    });

    private StreamChunk Event(string type, Action<Utf8JsonWriter> rest) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteNumber("sequence_number", 0);
        writer.WriteNumber("output_index", _open!.Index);
        rest(writer);
        writer.WriteEndObject();
    });

    private StreamChunk Whole(string type, string? finishReason) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteNumber("sequence_number", 0);
        writer.WritePropertyName("response");
        ResponseObject.Write(writer, $"resp_{_id}", _created, _facts.ResponseModel, finishReason, finishReason is null ? null : _facts, output =>
        {
            foreach (var item in _items)
            {
                item.Write(output, isDone: true);
            }
        });
        writer.WriteEndObject();
    });

    private static StreamChunk Write(Action<Utf8JsonWriter> write) => StreamChunk.Of(MessageJson.Write(write));

    /// <summary>An item of the output: a message of one part, or the call of a function.</summary>
    /// <param name="Call">The number of the call; <see cref="Text"/> for a message.</param>
    private sealed record Item(int Call, int Index, string Id, string Type, string CallId, string Name)
    {
        public StringBuilder Text { get; } = new();

        public void Write(Utf8JsonWriter writer, bool isDone)
        {
            if (Call == ResponsesStreamFromChat.Text)
            {
                ResponseObject.WriteMessage(writer, Id, isDone, (Type, Text.ToString()));
            }
            else
            {
                ResponseObject.WriteCall(writer, Id, isDone, CallId, Name, Text.ToString());
            }
        }
    }
}
