using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// Replaces texts in the chunks of one stream, and leaves all other bytes as they came; only line ends, which JSON has nowhere but between its tokens, become spaces, because a chunk is
/// one line of an event. What it gives out is valid until the next <see cref="Begin"/>. Its buffer is its own: no other stream gets to see the words of this one.
/// </summary>
internal sealed class ChunkEditor
{
    private const byte Space = (byte)' ';

    // Null for what is cut out.
    private readonly List<(int Start, int End, string? Text)> _edits = [];
    private ArrayBufferWriter<byte>? _output;

    /// <summary>True when a chunk can be one line of an event as it is.</summary>
    public static bool IsOneLine(StreamChunk chunk) => chunk.Bytes.Span.IndexOfAny((byte)'\r', (byte)'\n') < 0;

    /// <summary>Begins with the next chunk.</summary>
    public void Begin()
    {
        _edits.Clear();
        _output?.ResetWrittenCount();
    }

    /// <summary>Puts a text in the place of a string. In the order in which they stand in the chunk.</summary>
    public void Replace(StreamChunk chunk, JsonElement value, string text)
    {
        var (start, end) = RangeOf(chunk, JsonMarshal.GetRawUtf8Value(value));
        _edits.Add((start, end, text));
    }

    /// <summary>Leaves out a member of the chunk's object, with the comma before it if something stays before it, else with the comma behind it.</summary>
    public void Cut(StreamChunk chunk, ReadOnlySpan<byte> name)
    {
        var json = chunk.Bytes.Span;
        var before = 0;
        var staysBefore = false;
        foreach (var member in chunk.Root.EnumerateObject())
        {
            var (_, end) = RangeOf(chunk, JsonMarshal.GetRawUtf8Value(member.Value));
            if (!member.NameEquals(name))
            {
                staysBefore = true;
            }
            else if (staysBefore)
            {
                _edits.Add((before, end, null));
            }
            else
            {
                // From the quote before its name.
                var next = end + json[end..].IndexOfAnyExcept(" \t\r\n"u8);
                _edits.Add((RangeOf(chunk, JsonMarshal.GetRawUtf8PropertyName(member)).Start - 1, json[next] == (byte)',' ? next + 1 : end, null));
            }

            before = end;
        }

        _edits.Sort(static (one, other) => one.Start.CompareTo(other.Start));
    }

    /// <summary>The chunk with the edits made: the very bytes of it when there is nothing to be changed.</summary>
    public ReadOnlyMemory<byte> Edited(StreamChunk chunk)
    {
        if (_edits.Count == 0 && IsOneLine(chunk))
        {
            return chunk.Bytes;
        }

        var (output, from) = Open();
        var json = chunk.Bytes.Span;
        var at = 0;
        foreach (var (start, end, text) in _edits)
        {
            Copy(json[at..start], output);
            if (text is not null)
            {
                using Utf8JsonWriter writer = new(output, JsonText.Relaxed);
                writer.WriteStringValue(text);
            }

            at = end;
        }

        Copy(json[at..], output);
        return output.WrittenMemory[from..];
    }

    /// <summary>JSON of our own.</summary>
    public ReadOnlyMemory<byte> Write<T>(T state, Action<T, Utf8JsonWriter> write)
    {
        var (output, from) = Open();
        using (Utf8JsonWriter json = new(output, JsonText.Relaxed))
        {
            write(state, json);
        }

        return output.WrittenMemory[from..];
    }

    private (ArrayBufferWriter<byte> Output, int From) Open()
    {
        _output ??= new ArrayBufferWriter<byte>(512);
        return (_output, _output.WrittenCount);
    }

    private static void Copy(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> output)
    {
        var room = output.GetSpan(bytes.Length)[..bytes.Length];
        bytes.CopyTo(room);
        room.Replace((byte)'\n', Space);
        room.Replace((byte)'\r', Space);
        output.Advance(bytes.Length);
    }

    private static (int Start, int End) RangeOf(StreamChunk chunk, ReadOnlySpan<byte> part) =>
        chunk.Bytes.Span.Overlaps(part, out var start) ? (start, start + part.Length) : throw new InvalidOperationException("A part of another chunk.");
}
