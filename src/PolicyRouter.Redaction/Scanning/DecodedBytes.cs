using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// Bytes that somebody encoded, read as text: UTF-8, UTF-16 (by its byte order mark or its zero bytes) and, byte by byte where these fail, Windows-1252. A control character stands for a
/// space, and what lies between stretches that nobody can read is scanned stretch by stretch, as <c>strings</c> does.
/// </summary>
internal static class DecodedBytes
{
    // Characters; a shorter stretch holds no value.
    private const int ShortestStretch = 7;

    // So many characters in a row that are no text end a stretch: western languages never write three letters with diacritics in a row.
    private const int OddInARow = 3;

    // 0x80 to 0x9F of Windows-1252 (https://encoding.spec.whatwg.org/#windows-1252); the five that stand for nothing are U+FFFD.
    private const string Windows1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

    /// <summary>Scans every readable stretch; returns how many of the bytes are in one.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="scan">Scans a text.</param>
    /// <param name="found">Receives the findings, whose places mean nothing; made with the first stretch.</param>
    public static int Scan(ReadOnlySpan<byte> bytes, Action<ReadOnlySpan<char>, List<Finding>> scan, ref List<Finding>? found)
    {
        int wide = IsUtf16(bytes, out bool isBigEndian) ? Stretches(bytes, isBigEndian ? ReadBigEndian : ReadLittleEndian, scan, ref found) : 0;
        return wide > bytes.Length * 7 / 8 ? wide : Math.Max(wide, Stretches(bytes, ReadBytes, scan, ref found));
    }

    /// <summary>The next character; false when it is no sure sign of a text, or none at all, for which a space stands.</summary>
    private delegate bool Reader(ReadOnlySpan<byte> bytes, out Rune rune, out int size);

    /// <summary>Latin text has an ASCII character and a zero byte in most pairs, the zero always on the same side.</summary>
    private static bool IsUtf16(ReadOnlySpan<byte> bytes, out bool isBigEndian)
    {
        int first = 0;
        int second = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
        {
            first += bytes[i] == 0 && IsAsciiText(bytes[i + 1]) ? 1 : 0;
            second += bytes[i + 1] == 0 && IsAsciiText(bytes[i]) ? 1 : 0;
        }

        isBigEndian = bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || first > second;
        int more = Math.Max(first, second);
        return bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])
            || (more >= 2 && more >= bytes.Length / 8 && Math.Min(first, second) <= more / 4);
    }

    private static bool IsAsciiText(byte value) => value is >= 0x20 and < 0x7F or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static int Stretches(ReadOnlySpan<byte> bytes, Reader read, Action<ReadOnlySpan<char>, List<Finding>> scan, ref List<Finding>? found)
    {
        // A code unit is a byte or more.
        char[] stretch = ArrayPool<char>.Shared.Rent(bytes.Length);
        int readable = 0;
        int length = 0;
        int begin = 0;
        int odd = 0;
        int oddInARow = 0;
        for (int at = 0; at < bytes.Length;)
        {
            bool isText = read(bytes[at..], out Rune rune, out int size);
            oddInARow = isText ? 0 : oddInARow + 1;
            odd += isText ? 0 : 1;
            length += rune.EncodeToUtf16(stretch.AsSpan(length));
            at = Math.Min(at + size, bytes.Length);
            if (oddInARow < OddInARow && at < bytes.Length)
            {
                continue;
            }

            // What ended the stretch is none of it, each a single code unit.
            int ending = oddInARow == OddInARow ? OddInARow : 0;
            if (length - ending >= ShortestStretch && odd - ending <= MostOdd(length - ending))
            {
                scan(stretch.AsSpan(0, length - ending), found ??= []);
                readable += at - begin;
            }

            (length, odd, oddInARow, begin) = (0, 0, 0, at);
        }

        ArrayPool<char>.Shared.Return(stretch, clearArray: true);
        return readable;
    }

    /// <summary>Of random bytes, two of five are text: of these a stretch is one time in some thousands.</summary>
    private static int MostOdd(int length) => length < 12 ? 0 : length < 32 ? length / 8 : length / 4;

    private static bool ReadBytes(ReadOnlySpan<byte> bytes, out Rune rune, out int size)
    {
        if (Rune.DecodeFromUtf8(bytes, out rune, out size) == OperationStatus.Done)
        {
            return IsSeen(ref rune);
        }

        size = 1;
        rune = new Rune(bytes[0] >= 0xA0 ? (char)bytes[0] : Windows1252[bytes[0] - 0x80]);
        IsSeen(ref rune);
        return false;
    }

    private static bool ReadBigEndian(ReadOnlySpan<byte> bytes, out Rune rune, out int size)
    {
        Span<char> units = stackalloc char[2];
        int count = Math.Min(units.Length, bytes.Length / 2);
        for (int i = 0; i < count; i++)
        {
            units[i] = (char)BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]);
        }

        return ReadUnits(units[..count], out rune, out size);
    }

    private static bool ReadLittleEndian(ReadOnlySpan<byte> bytes, out Rune rune, out int size) =>
        ReadUnits(MemoryMarshal.Cast<byte, char>(bytes[..Math.Min(4, bytes.Length & ~1)]), out rune, out size);

    private static bool ReadUnits(ReadOnlySpan<char> units, out Rune rune, out int size)
    {
        bool isText = Rune.DecodeFromUtf16(units, out rune, out int read) == OperationStatus.Done;
        size = 2 * Math.Max(read, 1);
        return IsSeen(ref rune) && isText;
    }

    /// <summary>False for a control character and for the sign of what could not be read; a space stands for either.</summary>
    private static bool IsSeen(ref Rune rune)
    {
        bool isSeen = !(Rune.IsControl(rune) && rune.Value is not ('\n' or '\r' or '\t')) && !rune.Equals(Rune.ReplacementChar);
        rune = isSeen ? rune : new Rune(' ');
        return isSeen;
    }
}
