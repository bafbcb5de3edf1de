using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>Byte offsets, end exclusive.</summary>
internal readonly record struct ByteRange(int Start, int End);

/// <summary>One change to JSON bytes: a string in place of a token, or nothing (null) in place of a range.</summary>
internal readonly record struct JsonEdit(ByteRange Range, string? Text);

/// <summary>Reading and replacing single tokens in JSON bytes that stay otherwise untouched.</summary>
internal static class JsonText
{
    /// <summary>Escapes only what JSON (RFC 8259) asks for. The bytes never stand inside HTML.</summary>
    public static JsonWriterOptions Relaxed { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a string token (quotes included) or the digits of a number token.</summary>
    public static string Decode(ReadOnlySpan<byte> token)
    {
        if (token[0] != (byte)'"')
        {
            return Encoding.UTF8.GetString(token);
        }

        if (!token.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(token[1..^1]);
        }

        Utf8JsonReader reader = new(token);
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>The text of a string: in the room given if it fits and has no escapes, else in a string of its own.</summary>
    public static ReadOnlySpan<char> Decode(JsonElement value, Span<char> room) =>
        TryDecode(JsonMarshal.GetRawUtf8Value(value)[1..^1], room, out var length) ? room[..length] : value.GetString();

    /// <summary>The name of a member, in the same way.</summary>
    public static ReadOnlySpan<char> DecodeName(JsonProperty member, Span<char> room) =>
        TryDecode(JsonMarshal.GetRawUtf8PropertyName(member), room, out var length) ? room[..length] : member.Name;

    private static bool TryDecode(ReadOnlySpan<byte> raw, Span<char> room, out int length)
    {
        var fits = raw.Length <= room.Length && !raw.Contains((byte)'\\');
        length = fits ? Encoding.UTF8.GetChars(raw, room) : 0;
        return fits;
    }

    /// <summary>True when a string or name token can be decoded: no half of a surrogate pair stands alone in it.</summary>
    public static bool IsDecodable(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return true;
        }

        var raw = reader.ValueSpan;
        var wantsLow = false;
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] != (byte)'\\')
            {
                if (wantsLow)
                {
                    return false;
                }

                continue;
            }

            at++;
            if (raw[at] != (byte)'u')
            {
                if (wantsLow)
                {
                    return false;
                }

                continue;
            }

            var unit = (char)Convert.ToUInt16(Encoding.ASCII.GetString(raw.Slice(at + 1, 4)), 16);
            at += 4;
            if (wantsLow != char.IsLowSurrogate(unit))
            {
                return false;
            }

            wantsLow = char.IsHighSurrogate(unit);
        }

        return !wantsLow;
    }

    /// <summary>A copy of the bytes with the edits made; every other byte as it was.</summary>
    /// <param name="edits">In any order.</param>
    /// <exception cref="ArgumentException">Two edits overlap.</exception>
    public static ReadOnlyMemory<byte> Splice(ReadOnlySpan<byte> raw, List<JsonEdit> edits)
    {
        edits.Sort(static (one, other) => one.Range.Start.CompareTo(other.Range.Start));
        ArrayBufferWriter<byte> output = new(raw.Length + edits.Sum(static edit => edit.Text?.Length ?? 0) + 64);
        using Utf8JsonWriter strings = new(output, Relaxed);
        var at = 0;
        foreach (var (range, text) in edits)
        {
            if (range.Start < at)
            {
                throw new ArgumentException("Two edits overlap.", nameof(edits));
            }

            output.Write(raw[at..range.Start]);
            if (text is not null)
            {
                strings.WriteStringValue(text);
                strings.Flush();
                strings.Reset();
            }

            at = range.End;
        }

        output.Write(raw[at..]);
        return output.WrittenMemory;
    }
}
