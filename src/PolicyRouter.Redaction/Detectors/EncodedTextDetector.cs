using System.Buffers;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Base64 (RFC 4648, both alphabets; on one line or wrapped, RFC 2045 section 6.8), hexadecimal digits and quoted-printable (RFC 2045 section 6.7): what they stand for is scanned,
/// and what it holds makes the whole block a finding. A block that cannot be looked into (a compressed file, a document, 96 bytes or more that are no text) is an identifier of low
/// confidence. Takes time and memory in proportion to the text, however long a block is.
/// </summary>
internal static class EncodedTextDetector
{
    // "=35"
    private const int QuotedCharacter = 3;

    // Bytes. More than a SHA-512 digest or an Ed25519 signature (64) and than the picture of one pixel that pages hold (about 70), less than any picture that shows something.
    private const int LeastData = 96;

    // Characters. Lines of base64 have 64 (RFC 7468) or 76 (RFC 2045), identifiers below each other fewer.
    private const int ShortestFullLine = 60;

    // Bits that a character stands for.
    private const int Base64 = 6;
    private const int Hexadecimal = 4;

    /// <summary>Searches the whole text.</summary>
    /// <param name="context">The text.</param>
    /// <param name="scan">Scans a decoded text.</param>
    public static void Detect(ref ScanContext context, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (WrappedRuns.Find(text, at) is >= 0 and var start)
        {
            int end = WrappedRuns.EndOfRun(text, start);
            at = end - start >= WrappedRuns.Shortest || WrappedRuns.BeginsBlock(text, start, end) ? Block(ref context, start, scan) : end;
        }

        for (at = 0; at + QuotedCharacter < text.Length && text[at..].IndexOf('=') is >= 0 and var sign; at += sign + 1)
        {
            if (QuotedEnd(text, at + sign) is > 0 and var end)
            {
                Quoted(ref context, at + sign, end, scan);
                at = end - sign - 1;
            }
        }
    }

    /// <summary>Behind three or more characters written as <c>=35</c> without a gap; 0 when there are fewer.</summary>
    private static int QuotedEnd(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end + QuotedCharacter <= text.Length && text[end] == '=' && char.IsAsciiHexDigit(text[end + 1]) && char.IsAsciiHexDigit(text[end + 2]))
        {
            end += QuotedCharacter;
        }

        return end - start >= 3 * QuotedCharacter ? end : 0;
    }

    private static void Quoted(ref ScanContext context, int start, int end, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        int count = (end - start) / QuotedCharacter;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<char> digits = context.Text.Slice(start + (i * QuotedCharacter) + 1, 2);
            bytes[i] = (byte)((ValueOf(digits[0], Hexadecimal) << Hexadecimal) | ValueOf(digits[1], Hexadecimal));
        }

        List<Finding>? inside = null;
        DecodedBytes.Scan(bytes.AsSpan(0, count), scan, ref inside);
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        Report(ref context, start, end, inside);
    }

    /// <summary>A run and those on the lines below; returns where the last one ends.</summary>
    private static int Block(ref ScanContext context, int start, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        ReadOnlySpan<char> text = context.Text;
        WrappedRuns runs = new(text, start);
        int end = start;
        int length = 0;
        bool hasDigit = false;
        bool hasUpper = false;
        bool hasLower = false;
        foreach (Range range in runs)
        {
            ReadOnlySpan<char> run = text[range];
            hasDigit = hasDigit || run.IndexOfAnyInRange('0', '9') >= 0;
            hasUpper = hasUpper || run.IndexOfAnyInRange('A', 'Z') >= 0;
            hasLower = hasLower || run.IndexOfAnyInRange('a', 'z') >= 0;
            length += run.Length;
            end = range.End.Value;
        }

        // Words and numbers are written with the same characters: what has only letters of one case is taken for these.
        bool isCode = (hasDigit && (hasUpper || hasLower || runs.IsHexadecimal)) || (hasUpper && hasLower);
        if (length >= WrappedRuns.Shortest && isCode)
        {
            Decode(ref context, start..end, length, scan);
        }

        return end;
    }

    private static void Decode(ref ScanContext context, Range block, int length, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        ReadOnlySpan<char> text = context.Text[..block.End.Value];
        WrappedRuns runs = new(text, block.Start.Value);
        int bits = runs.IsHexadecimal ? Hexadecimal : Base64;
        byte[] symbols = ArrayPool<byte>.Shared.Rent(length);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        List<Finding>? inside = null;
        int count = 0;
        bool isPacked = false;
        foreach (Range run in runs)
        {
            int first = count;
            foreach (char c in text[run])
            {
                symbols[count++] = ValueOf(c, bits);
            }

            // The line before may be a word.
            isPacked |= PackedData.HasSignature(Pack(symbols.AsSpan(first, Math.Min(count - first, PackedData.SignatureLength * 2)), bits, bytes));
        }

        // What stands before the code, as the path of a URL or a word in the line above does, moves its first bit.
        int unread = length;
        for (int shift = 0; unread > 0 && shift < (bits == Base64 ? 4 : 2); shift++)
        {
            ReadOnlySpan<byte> decoded = Pack(symbols.AsSpan(Math.Min(shift, count)..count), bits, bytes);
            unread = Math.Min(unread, decoded.Length - DecodedBytes.Scan(decoded, scan, ref inside));
        }

        if (isPacked || (bits == Base64 && unread >= LeastData && IsWrappedAsData(text, runs) && PackedData.IsMixedAsData(symbols.AsSpan(0, count))))
        {
            (inside ??= []).Add(new Finding(0, 0, FindingType.OtherIdentifier, Confidence.Low));
        }

        ArrayPool<byte>.Shared.Return(symbols, clearArray: true);
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        int end = block.End.Value;
        while (bits == Base64 && end < context.Text.Length && context.Text[end] == '=')
        {
            end++;
        }

        Report(ref context, block.Start.Value, end, inside);
    }

    /// <summary>Makes a block what was found in it. Every kind counts for the class of the text; spans do not overlap, so the surest kind has the block, and each other one a letter of it.</summary>
    private static void Report(ref ScanContext context, int start, int end, List<Finding>? inside)
    {
        if (inside is null)
        {
            return;
        }

        Finding[] kinds = [.. inside.GroupBy(static finding => finding.Type).Select(static kind => kind.MaxBy(FindingResolver.Rank)).OrderByDescending(FindingResolver.Rank)];
        for (int i = kinds.Length - 1; i >= 0; i--)
        {
            context.Add(i == 0 ? start : end - 1, end, kinds[i].Type, kinds[i].Confidence);
            end--;
        }
    }

    /// <summary>True for a run so long that it is no identifier, and for lines of one length, but for the first and the last.</summary>
    private static bool IsWrappedAsData(ReadOnlySpan<char> text, WrappedRuns runs)
    {
        int longest = 0;
        foreach (Range run in runs)
        {
            longest = Math.Max(longest, run.End.Value - run.Start.Value);
        }

        bool areFull = longest is >= ShortestFullLine && longest % 4 == 0;
        int line = 0;
        foreach (Range run in runs)
        {
            bool isInner = line++ > 0 && run.End.Value < text.Length;
            areFull &= !isInner || run.End.Value - run.Start.Value == longest;
        }

        return areFull || longest >= LeastData * 8 / Base64;
    }

    /// <summary>The bytes that characters stand for, without the bits left over.</summary>
    private static ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> symbols, int bits, byte[] bytes)
    {
        int count = 0;
        int waiting = 0;
        int pending = 0;
        foreach (byte symbol in symbols)
        {
            pending = (pending << bits) | symbol;
            waiting += bits;
            if (waiting >= 8)
            {
                waiting -= 8;
                bytes[count++] = (byte)(pending >> waiting);
            }
        }

        return bytes.AsSpan(0, count);
    }

    /// <summary>RFC 4648, tables 1, 2 and 5.</summary>
    private static byte ValueOf(char c, int bits) => (byte)(c switch
    {
        >= '0' and <= '9' => bits == Hexadecimal ? c - '0' : c - '0' + 52,
        >= 'A' and <= 'Z' => bits == Hexadecimal ? c - 'A' + 10 : c - 'A',
        >= 'a' and <= 'z' => bits == Hexadecimal ? c - 'a' + 10 : c - 'a' + 26,
        '+' or '-' => 62,
        _ => 63,
    });
}
