using System.Buffers;
using System.Buffers.Text;
using System.Text;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Runs of base64 (RFC 4648, both alphabets) and hexadecimal digits that decode to readable text: the text is scanned, and what it holds makes the whole run a
/// finding. One layer deep, and no longer than what people paste: more is not text any more.
/// </summary>
internal static class EncodedTextDetector
{
    private const int Shortest = 12;
    private const int Longest = 65_536;

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
                return;
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
    }

    private static void Token(ref ScanContext context, int start, int end, Action<ReadOnlySpan<char>, List<Finding>> scan)
    {
        ReadOnlySpan<char> token = context.Text[start..end];
        byte[] bytes = ArrayPool<byte>.Shared.Rent(token.Length);
        char[] characters = ArrayPool<char>.Shared.Rent(token.Length);
        int count = Decode(token, bytes);
        int length = count > 0 && Encoding.UTF8.TryGetChars(bytes.AsSpan(0, count), characters, out int written) ? written : 0;
        if (length > 0 && IsReadable(characters.AsSpan(0, length)))
        {
            List<Finding> inside = [];
            scan(characters.AsSpan(0, length), inside);
            while (end < context.Text.Length && context.Text[end] == '=')
            {
                end++;
            }

            // Every kind that is in it counts for the class of the text. Spans do not overlap, so the surest kind has the run, and each other one a letter of it.
            Finding[] kinds = [.. inside.GroupBy(static finding => finding.Type).Select(static kind => kind.MaxBy(FindingResolver.Rank)).OrderByDescending(FindingResolver.Rank)];
            for (int i = kinds.Length - 1; i >= 0; i--)
            {
                context.Add(i == 0 ? start : end - 1, end, kinds[i].Type, kinds[i].Confidence);
                end--;
            }
        }

        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        ArrayPool<char>.Shared.Return(characters, clearArray: true);
    }

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
