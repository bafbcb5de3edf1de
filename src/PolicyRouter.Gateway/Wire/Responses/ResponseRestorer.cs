using System.Text.Json;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>
/// Restores placeholders in the events of one stream. Each text has its own restorer, because a placeholder may be cut anywhere; what it still holds back comes out in a delta of its own
/// before the text is done. Events are numbered here, so that the numbers have no gaps.
/// </summary>
internal sealed class ResponseRestorer(PlaceholderTable placeholders) : IStreamedRestorer
{
    private readonly Dictionary<string, (StreamRestorer Restorer, JsonElement Last)> _texts = new(StringComparer.Ordinal);
    private long _sequence;

    public void Take(StreamChunk chunk, List<RelayedEvent> output)
    {
        var root = chunk.Root;
        var type = MessageJson.Text(root, "type") ?? "";
        if (type.EndsWith(".delta", StringComparison.Ordinal) && MessageJson.Text(root, "delta") is { } delta)
        {
            var name = Name(root, type[..^".delta".Length]);
            var text = _texts.TryGetValue(name, out var known) ? known.Restorer : new StreamRestorer(placeholders, ContextOf(type));
            _texts[name] = (text, root.Clone());
            output.Add(new RelayedEvent(type, WithDelta(root, text.Push(delta))));
            return;
        }

        if (type.EndsWith(".done", StringComparison.Ordinal))
        {
            Flush(Name(root, type[..^".done".Length]), output);
        }

        output.Add(new RelayedEvent(MessageJson.Text(root, "type"), MessageJson.Write(writer => Copy(root, "", placeholders, _sequence++, writer))));
    }

    public void Finish(List<RelayedEvent> output)
    {
        foreach (var name in _texts.Keys.Order(StringComparer.Ordinal).ToList())
        {
            Flush(name, output);
        }
    }

    /// <summary>Copies a value with every text restored.</summary>
    /// <param name="sequence">The number of an event; null for what is none.</param>
    public static void Copy(JsonElement value, string key, PlaceholderTable placeholders, long? sequence, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    if (sequence is { } number && member.NameEquals("sequence_number"u8))
                    {
                        writer.WriteNumberValue(number);
                    }
                    else
                    {
                        Copy(member.Value, member.Name, placeholders, null, writer);
                    }
                }

                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.EnumerateArray())
                {
                    Copy(element, key, placeholders, null, writer);
                }

                writer.WriteEndArray();
                break;

            case JsonValueKind.String when key is not ("type" or "id" or "item_id" or "call_id" or "role" or "model" or "status" or "object"):
                var text = value.GetString()!;
                writer.WriteStringValue(placeholders.Restore(text, ContextOf(key)) ?? text);
                break;

            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>Arguments are JSON inside a string; restored values must not break out of it.</summary>
    private static RestoreContext ContextOf(string name) => name.Contains("arguments", StringComparison.Ordinal) ? RestoreContext.JsonString : RestoreContext.Text;

    private static string Name(JsonElement root, string kind) => $"{kind} {MessageJson.Text(root, "item_id")} {(root.TryGetProperty("content_index", out var index) ? index.GetRawText() : "")}";

    private void Flush(string name, List<RelayedEvent> output)
    {
        if (_texts.Remove(name, out var text) && text.Restorer.Flush() is { Length: > 0 } rest)
        {
            output.Add(new RelayedEvent(MessageJson.Text(text.Last, "type"), WithDelta(text.Last, rest)));
        }
    }

    private ReadOnlyMemory<byte> WithDelta(JsonElement root, string delta) => MessageJson.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            if (member.NameEquals("delta"u8))
            {
                writer.WriteStringValue(delta);
            }
            else if (member.NameEquals("sequence_number"u8))
            {
                writer.WriteNumberValue(_sequence++);
            }
            else
            {
                member.Value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    });
}
