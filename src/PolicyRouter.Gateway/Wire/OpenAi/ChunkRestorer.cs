using System.Buffers;
using System.Globalization;
using System.Text.Json;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>
/// Restores placeholders in the chunks of one stream. Every text of every choice has its own restorer, because a placeholder may
/// be cut anywhere; what one still holds back comes out before its choice finishes. Each chunk becomes one chunk, two when
/// something held back must come before it, or none when it only carried usage nobody asked for.
/// </summary>
internal sealed class ChunkRestorer(PlaceholderTable placeholders, bool includesUsage) : IStreamedRestorer
{
    // By choice, then by the path of the text in its delta.
    private readonly SortedDictionary<int, SortedDictionary<string, HeldText>> _choices = [];
    private byte[]? _envelope;

    public IReadOnlyList<ReadOnlyMemory<byte>> Take(ReadOnlyMemory<byte> chunk)
    {
        using var document = JsonDocument.Parse(chunk);
        var root = document.RootElement;
        var choices = root.TryGetProperty("choices", out var found) && found.ValueKind is JsonValueKind.Array ? found.EnumerateArray().ToList() : [];
        var hasUsage = root.TryGetProperty("usage", out var usage) && usage.ValueKind is JsonValueKind.Object;
        if (hasUsage && !includesUsage && choices.Count == 0)
        {
            return [];
        }

        // A chunk without line ends is one line of an event as it is.
        var dropsUsage = hasUsage && !includesUsage;
        if (placeholders.Count == 0 && !dropsUsage && chunk.Span.IndexOfAny((byte)'\r', (byte)'\n') < 0)
        {
            return [chunk];
        }

        var restored = Write(writer => WriteChunk(root, dropsUsage, writer));
        List<ReadOnlyMemory<byte>> output = [];
        foreach (var choice in choices.Where(IsFinish))
        {
            output.AddRange(Flush(IndexOf(choice)));
        }

        output.Add(restored);
        return output;
    }

    /// <summary>What is still held back when the stream has ended, properly or not.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Finish()
    {
        List<ReadOnlyMemory<byte>> output = [];
        foreach (var choice in _choices.Keys)
        {
            output.AddRange(Flush(choice));
        }

        return output;
    }

    private void WriteChunk(JsonElement root, bool dropsUsage, Utf8JsonWriter writer)
    {
        _envelope ??= Write(envelope => WriteEnvelope(root, envelope)).ToArray();
        writer.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            if (dropsUsage && member.NameEquals("usage"u8))
            {
                continue;
            }

            writer.WritePropertyName(member.Name);
            if (member.NameEquals("choices"u8) && member.Value.ValueKind is JsonValueKind.Array)
            {
                writer.WriteStartArray();
                foreach (var choice in member.Value.EnumerateArray())
                {
                    WriteValue(choice, new Place(IndexOf(choice), "", "", IsFinish(choice)), writer);
                }

                writer.WriteEndArray();
            }
            else
            {
                member.Value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteValue(JsonElement value, Place place, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    WriteValue(member.Value, place.Member(member.Name), writer);
                }

                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                var at = 0;
                foreach (var element in value.EnumerateArray())
                {
                    WriteValue(element, place.Element(element.ValueKind is JsonValueKind.Object ? IndexOf(element, at) : at), writer);
                    at++;
                }

                writer.WriteEndArray();
                break;

            case JsonValueKind.String when !AnswerWords.IsNoText(place.Key):
                var held = HeldAt(place);
                var text = held.Restorer.Push(value.GetString()!);
                held.HasText = true;
                writer.WriteStringValue(place.IsLast ? text + held.Flush() : text);
                break;

            default:
                value.WriteTo(writer);
                break;
        }
    }

    private HeldText HeldAt(Place place)
    {
        if (!_choices.TryGetValue(place.Choice, out var texts))
        {
            _choices[place.Choice] = texts = new SortedDictionary<string, HeldText>(StringComparer.Ordinal);
        }

        if (!texts.TryGetValue(place.Path, out var held))
        {
            texts[place.Path] = held = new HeldText(new StreamRestorer(placeholders, AnswerWords.ContextOf(place.Key)));
        }

        return held;
    }

    /// <summary>Chunks with what one choice's restorers held back, in the shape of the deltas it came from.</summary>
    private List<ReadOnlyMemory<byte>> Flush(int choice)
    {
        List<ReadOnlyMemory<byte>> output = [];
        if (!_choices.TryGetValue(choice, out var texts))
        {
            return output;
        }

        foreach (var (path, held) in texts)
        {
            if (held.Flush() is { Length: > 0 } text)
            {
                output.Add(Write(writer => WriteHeld(choice, path.Split('/').AsSpan(1), text, writer)));
            }
        }

        return output;
    }

    private void WriteHeld(int choice, ReadOnlySpan<string> path, string text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        using (var envelope = JsonDocument.Parse(_envelope))
        {
            foreach (var member in envelope.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", choice);
        WritePath(path, text, writer);
        writer.WriteNull("finish_reason");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePath(ReadOnlySpan<string> path, string text, Utf8JsonWriter writer)
    {
        if (path.IsEmpty)
        {
            writer.WriteStringValue(text);
            return;
        }

        if (!path[0].StartsWith('#'))
        {
            writer.WritePropertyName(Place.Unescape(path[0]));
            if (path.Length == 1)
            {
                writer.WriteStringValue(text);
                return;
            }

            if (path[1].StartsWith('#'))
            {
                writer.WriteStartArray();
                WritePath(path[1..], text, writer);
                writer.WriteEndArray();
                return;
            }

            writer.WriteStartObject();
            WritePath(path[1..], text, writer);
            writer.WriteEndObject();
            return;
        }

        if (path.Length == 1)
        {
            writer.WriteStringValue(text);
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("index", int.Parse(path[0].AsSpan(1), CultureInfo.InvariantCulture));
        WritePath(path[1..], text, writer);
        writer.WriteEndObject();
    }

    private static void WriteEnvelope(JsonElement root, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is "id" or "object" or "created" or "model" or "system_fingerprint" or "service_tier")
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> output = new(512);
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            write(writer);
        }

        return output.WrittenMemory;
    }

    private static int IndexOf(JsonElement element, int otherwise = 0) =>
        element.ValueKind is JsonValueKind.Object
        && element.TryGetProperty("index", out var index)
        && index.ValueKind is JsonValueKind.Number
        && index.TryGetInt32(out var value)
            ? value
            : otherwise;

    private static bool IsFinish(JsonElement choice) =>
        choice.ValueKind is JsonValueKind.Object
        && choice.TryGetProperty("finish_reason", out var reason)
        && reason.ValueKind is JsonValueKind.String;
}
