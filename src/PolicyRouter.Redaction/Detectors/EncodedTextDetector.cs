using System.Buffers;
using System.Buffers.Text;
using System.Text;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Runs of base64 (RFC 4648, both alphabets), of hexadecimal digits and of quoted-printable (RFC 2045) that decode to readable text: the text is scanned, and what it
/// holds makes the whole run a finding. What decodes to a compressed file or a document cannot be looked into, so that it is an identifier of low confidence.
/// </summary>
internal static class EncodedTextDetector
{
    private const int Shortest = 12;
    private const int Longest = 65_536;

    // "=35"
    private const int QuotedCharacter = 3;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");

    /// <summary>Searches the whole text.</summary>
    /// <param name="context">The text.</param>
    /// <param name="scan">Scans a decoded text.</param>
    public static void Detect(ref ScanContext context, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(Alphabet);
            if (found < 0)
            {
                break;
            }

            int start = at + found;
            int length = text[start..].IndexOfAnyExcept(Alphabet);
            int end = length < 0 ? text.Length : start + length;
            if (end - start is >= Shortest and <= Longest && IsCode(text[start..end]))
            {
                Token(ref context, start, end, scan);
            }

            at = end;
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
        char[] hexadecimal = ArrayPool<char>.Shared.Rent(end - start);
        int count = 0;
        for (int i = start; i < end; i += QuotedCharacter)
        {
            context.Text.Slice(i + 1, 2).CopyTo(hexadecimal.AsSpan(count));
            count += 2;
        }

        byte[] bytes = Convert.FromHexString(hexadecimal.AsSpan(0, count));
        ArrayPool<char>.Shared.Return(hexadecimal, clearArray: true);
        Decoded(ref context, start, end, bytes, scan);
        Array.Clear(bytes);
    }

    private static void Token(ref ScanContext context, int start, int end, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        ReadOnlySpan<char> token = context.Text[start..end];
        byte[] bytes = ArrayPool<byte>.Shared.Rent(token.Length);
        int count = Decode(token, bytes);
        while (end < context.Text.Length && context.Text[end] == '=')
        {
            end++;
        }

        if (IsPacked(bytes.AsSpan(0, count)))
        {
            context.Add(start, end, FindingType.OtherIdentifier, Confidence.Low);
        }
        else
        {
            Decoded(ref context, start, end, bytes.AsSpan(0, count), scan);
        }

        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
    }

    /// <summary>Scans what a run stands for, and makes the run what was found.</summary>
    private static void Decoded(ref ScanContext context, int start, int end, ReadOnlySpan<byte> bytes, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        char[] characters = ArrayPool<char>.Shared.Rent(bytes.Length + 1);
        int length = Encoding.UTF8.TryGetChars(bytes, characters, out int written) ? written : 0;
        if (length > 0 && IsReadable(characters.AsSpan(0, length)))
        {
            List<Finding> inside = [];
            scan(characters.AsSpan(0, length), inside);
            // Every kind that is in it counts for the class of the text. Spans do not overlap, so the surest kind has the run, and each other one a letter of it.
            Finding[] kinds = [.. inside.GroupBy(static finding => finding.Type).Select(static kind => kind.MaxBy(FindingResolver.Rank)).OrderByDescending(FindingResolver.Rank)];
            for (int i = kinds.Length - 1; i >= 0; i--)
            {
                context.Add(i == 0 ? start : end - 1, end, kinds[i].Type, kinds[i].Confidence);
                end--;
            }
        }

        ArrayPool<char>.Shared.Return(characters, clearArray: true);
    }

    /// <summary>The first bytes of gzip, zip, bzip2, xz, Zstandard and PDF files.</summary>
    private static bool IsPacked(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]) || bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("BZh"u8)
        || bytes.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) || bytes.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
        || bytes.StartsWith("%PDF-"u8);

    private static int Decode(ReadOnlySpan<char> token, byte[] bytes)
    {
        if (token.Length % 2 == 0 && token.IndexOfAnyExcept(Hexadecimal) < 0)
        {
            return Convert.FromHexString(token, bytes, out _, out int hexadecimal) == OperationStatus.Done ? hexadecimal : 0;
        }

        char[] url = ArrayPool<char>.Shared.Rent(token.Length);
        token.CopyTo(url);
        Span<char> written = url.AsSpan(0, token.Length);
        written.Replace('+', '-');
        written.Replace('/', '_');
        int decoded = Base64Url.DecodeFromChars(written, bytes, out _, out int count) == OperationStatus.Done ? count : 0;
        ArrayPool<char>.Shared.Return(url, clearArray: true);
        return decoded;
    }

    /// <summary>Words and numbers are written with the same characters: what has only lower-case letters, or only digits, is taken for these.</summary>
    private static bool IsCode(ReadOnlySpan<char> token)
    {
        bool hasDigit = token.IndexOfAnyInRange('0', '9') >= 0;
        bool hasUpper = token.IndexOfAnyInRange('A', 'Z') >= 0;
        bool hasLower = token.IndexOfAnyInRange('a', 'z') >= 0;
        return (hasDigit && (hasUpper || hasLower)) || (hasUpper && hasLower) || token.Length % 2 == 0 && hasDigit && token.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static bool IsReadable(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if ((char.IsControl(c) && c is not ('\n' or '\r' or '\t')) || c == '\uFFFD')
            {
                return false;
            }
        }

        return true;
    }
}
