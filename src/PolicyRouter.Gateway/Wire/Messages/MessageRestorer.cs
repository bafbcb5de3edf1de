using System.Text.Json;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>
/// Restores placeholders in messages and in the events of one stream. Each block of the answer has its own restorer, because a placeholder may be cut anywhere; what it still
/// holds back comes out in a delta of its own before the block stops.
/// </summary>
internal sealed class MessageRestorer(PlaceholderTable placeholders) : IStreamedRestorer
{
    private const string DeltaEvent = "content_block_delta";
    private const int ShortText = 256;

    private readonly SortedDictionary<int, HeldBlock> _blocks = [];
    private readonly ChunkEditor _editor = new();

    /// <summary>A whole message with every text restored. The input of a tool is JSON here, not JSON in a string.</summary>
    public static ReadOnlyMemory<byte> Restore(JsonElement message, PlaceholderTable placeholders) => MessageJson.Write(writer => Copy(message, "", placeholders, writer));

    /// <summary>The name of the server-sent event for an event of this type; null when the type is none that can be a name.</summary>
    public static string? EventName(string? type)
    {
        foreach (var letter in type ?? "")
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '.'))
            {
                return null;
            }
        }

        return type;
    }

    public void Take(StreamChunk chunk, List<RelayedEvent> output)
    {
        _editor.Begin();
        var root = chunk.Root;
        var type = MessageJson.Type(root);
        if (placeholders.Count > 0)
        {
            switch (type)
            {
                case DeltaEvent when root.TryGetProperty("delta"u8, out var delta) && TextMember(delta) is { } member:
                    output.Add(new RelayedEvent(DeltaEvent, Delta(chunk, delta, member)));
                    return;

                case "content_block_stop":
                    Flush(MessageJson.Index(root), output);
                    break;

                default:
                    Restore(chunk, root, isText: true);
                    break;
            }
        }

        output.Add(new RelayedEvent(EventName(type), _editor.Edited(chunk)));
    }

    public void Finish(List<RelayedEvent> output)
    {
        _editor.Begin();
        foreach (var index in _blocks.Keys.ToList())
        {
            Flush(index, output);
        }
    }

    /// <summary>The member of a delta that is text and may be cut anywhere; null for deltas that are whole.</summary>
    private static string? TextMember(JsonElement delta) => MessageJson.Text(delta, "type") switch
    {
        "text_delta" => "text",
        "thinking_delta" => "thinking",
        "input_json_delta" => "partial_json",
        _ => null,
    };

    private ReadOnlyMemory<byte> Delta(StreamChunk chunk, JsonElement delta, string member)
    {
        var root = chunk.Root;
        var index = MessageJson.Index(root);
        if (!_blocks.TryGetValue(index, out var block))
        {
            // Arguments are pieces of JSON in a string; restored values must not break out of it.
            var context = member == "partial_json" ? RestoreContext.JsonString : RestoreContext.Text;
            _blocks[index] = block = new HeldBlock(MessageJson.Text(delta, "type")!, member, new StreamRestorer(placeholders, context));
        }

        Span<char> room = stackalloc char[ShortText];
        var piece = delta.TryGetProperty(member, out var text) && text.ValueKind is JsonValueKind.String ? JsonText.Decode(text, room) : [];
        var shown = block.Restorer.Take(piece);
        return shown is null && block.Member == member && IsPlain(root, delta, text) ? _editor.Edited(chunk) : Write(index, block, shown ?? piece.ToString());
    }

    /// <summary>True when a delta has what deltas have and nothing else, so that it may pass as it is.</summary>
    private static bool IsPlain(JsonElement root, JsonElement delta, JsonElement text) =>
        root.GetPropertyCount() == 3 && root.TryGetProperty("index"u8, out var index) && index.ValueKind is JsonValueKind.Number && index.TryGetInt32(out _)
        && delta.GetPropertyCount() == 2 && text.ValueKind is JsonValueKind.String;

    private void Flush(int index, List<RelayedEvent> output)
    {
        if (_blocks.Remove(index, out var block) && block.Restorer.Flush() is { Length: > 0 } rest)
        {
            output.Add(new RelayedEvent(DeltaEvent, Write(index, block, rest)));
        }
    }

    private ReadOnlyMemory<byte> Write(int index, HeldBlock block, string text) => _editor.Write((index, block, text), static (held, writer) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", DeltaEvent);
        writer.WriteNumber("index", held.index);
        writer.WriteStartObject("delta");
        writer.WriteString("type", held.block.DeltaType);
        writer.WriteString(held.block.Member, held.text);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Restores every text of an event that is whole.</summary>
    private void Restore(StreamChunk chunk, JsonElement value, bool isText)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Restore(chunk, member.Value, !IsNoText(member.Name));
                }

                break;

            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                {
                    Restore(chunk, element, isText);
                }

                break;

            case JsonValueKind.String when isText:
                RestoreText(chunk, value);
                break;
        }
    }

    private void RestoreText(StreamChunk chunk, JsonElement value)
    {
        Span<char> room = stackalloc char[ShortText];
        if (placeholders.Restore(JsonText.Decode(value, room), RestoreContext.Text) is { } restored)
        {
            _editor.Replace(chunk, value, restored);
        }
    }

    private static void Copy(JsonElement value, string key, PlaceholderTable placeholders, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(placeholders.Restore(member.Name, RestoreContext.Text) ?? member.Name);
                    Copy(member.Value, member.Name, placeholders, writer);
                }

                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.EnumerateArray())
                {
                    Copy(element, key, placeholders, writer);
                }

                writer.WriteEndArray();
                break;

            case JsonValueKind.String when !IsNoText(key):
                writer.WriteStringValue(placeholders.Restore(value.GetString(), RestoreContext.Text) ?? value.GetString());
                break;

            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>True for the few strings of a message that are no text. Signatures cover what the provider wrote, so they stay with it.</summary>
    private static bool IsNoText(string key) => key is "type" or "id" or "role" or "model" or "stop_reason" or "signature" or "tool_use_id" or "service_tier";

    private sealed record HeldBlock(string DeltaType, string Member, StreamRestorer Restorer);
}
