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
    private readonly SortedDictionary<int, HeldBlock> _blocks = [];

    /// <summary>A whole message with every text restored. The input of a tool is JSON here, not JSON in a string.</summary>
    public static ReadOnlyMemory<byte> Restore(JsonElement message, PlaceholderTable placeholders) => MessageJson.Write(writer => Copy(message, "", placeholders, writer));

    public IReadOnlyList<ReadOnlyMemory<byte>> Take(ReadOnlyMemory<byte> chunk)
    {
        // A chunk without line ends is one line of an event as it is.
        if (placeholders.Count == 0 && chunk.Span.IndexOfAny((byte)'\r', (byte)'\n') < 0)
        {
            return [chunk];
        }

        using var document = JsonDocument.Parse(chunk);
        var root = document.RootElement;
        return MessageJson.Text(root, "type") switch
        {
            "content_block_delta" when root.TryGetProperty("delta", out var delta) && TextMember(delta) is { } member => [Delta(root, delta, member)],
            "content_block_stop" => [.. Flush(MessageJson.Index(root)), MessageJson.Write(root.WriteTo)],
            _ => [MessageJson.Write(writer => Copy(root, "", placeholders, writer))],
        };
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> Finish() => [.. _blocks.Keys.ToList().SelectMany(Flush)];

    /// <summary>The member of a delta that is text and may be cut anywhere; null for deltas that are whole.</summary>
    private static string? TextMember(JsonElement delta) => MessageJson.Text(delta, "type") switch
    {
        "text_delta" => "text",
        "thinking_delta" => "thinking",
        "input_json_delta" => "partial_json",
        _ => null,
    };

    private ReadOnlyMemory<byte> Delta(JsonElement root, JsonElement delta, string member)
    {
        var index = MessageJson.Index(root);
        if (!_blocks.TryGetValue(index, out var block))
        {
            // Arguments are pieces of JSON in a string; restored values must not break out of it.
            var context = member == "partial_json" ? RestoreContext.JsonString : RestoreContext.Text;
            _blocks[index] = block = new HeldBlock(MessageJson.Text(delta, "type")!, member, new StreamRestorer(placeholders, context));
        }

        return Write(index, block, block.Restorer.Push(MessageJson.Text(delta, member) ?? ""));
    }

    private IEnumerable<ReadOnlyMemory<byte>> Flush(int index)
    {
        if (_blocks.Remove(index, out var block) && block.Restorer.Flush() is { Length: > 0 } rest)
        {
            yield return Write(index, block, rest);
        }
    }

    private static ReadOnlyMemory<byte> Write(int index, HeldBlock block, string text) => MessageJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "content_block_delta");
        writer.WriteNumber("index", index);
        writer.WriteStartObject("delta");
        writer.WriteString("type", block.DeltaType);
        writer.WriteString(block.Member, text);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void Copy(JsonElement value, string key, PlaceholderTable placeholders, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
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
