using System.Buffers;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Credentials known by how they begin: the issuers' published prefixes, JSON web tokens, bearer tokens and PEM private keys.
/// </summary>
internal static class SecretDetector
{
    /// <summary>How a PEM block begins (RFC 7468).</summary>
    public const string PemBegin = "-----BEGIN ";

    // Few and short: the search for several strings at once slows down when many share their first letters.
    private static readonly SearchValues<string> Beginnings = SearchValues.Create(
        [
            "sk-", "sk_", "rk_", "whsec_", "AKIA", "ASIA", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_", "glpat-", "xox", "xapp-", "AIza",
            "ya29", "eyJ", "npm_", "pypi-", "hf_", "SG.", "dop_v1", "gsk_", "xai-",
        ],
        StringComparison.Ordinal);

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(Beginnings);
            if (found < 0)
            {
                return;
            }

            at = Math.Max(at + found + 1, Token(ref context, at + found, at + found));
        }
    }

    /// <summary>True when a value is rather a key than a word: long enough and with digits or mixed case.</summary>
    public static bool LooksRandom(ReadOnlySpan<char> value)
    {
        bool hasDigit = false;
        bool hasUpper = false;
        bool hasLower = false;
        foreach (char c in value)
        {
            hasDigit |= char.IsAsciiDigit(c);
            hasUpper |= char.IsAsciiLetterUpper(c);
            hasLower |= char.IsAsciiLetterLower(c);
        }

        return value.Length >= 8 && !value.Contains(' ') && (hasDigit || (hasUpper && hasLower && value.Length >= 16));
    }

    /// <summary>The token at <paramref name="valueStart"/> when it looks like a key; returns where to read on.</summary>
    public static int Token(ref ScanContext context, int start, int valueStart)
    {
        ReadOnlySpan<char> text = context.Text;
        if (!context.StartsWord(start))
        {
            return start;
        }

        int end = valueStart;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '-' or '_' or '.' or '~' or '+' or '/' or '='))
        {
            end++;
        }

        int next = end;
        while (end > valueStart && text[end - 1] is '.' or '-')
        {
            end--;
        }

        if (end - valueStart >= 16 && LooksRandom(text[valueStart..end]))
        {
            context.Add(valueStart, end, FindingType.Secret, Confidence.High);
        }

        return next;
    }

    /// <summary>A private key from its first line to its last, or to the end of the text when it was cut off; returns where to read on.</summary>
    public static int PrivateKey(ref ScanContext context, int start)
    {
        const string EndLine = "-----END ";
        ReadOnlySpan<char> rest = context.Text[start..];
        ReadOnlySpan<char> title = rest[PemBegin.Length..Math.Min(rest.Length, PemBegin.Length + 40)];
        if (!title.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return start + PemBegin.Length;
        }

        int length = rest.IndexOf(EndLine, StringComparison.Ordinal);
        if (length >= 0)
        {
            int dashes = rest[(length + EndLine.Length)..].IndexOf("-----", StringComparison.Ordinal);
            length = dashes < 0 ? rest.Length : length + EndLine.Length + dashes + 5;
        }
        else
        {
            length = rest.Length;
        }

        context.Add(start, start + length, FindingType.Secret, Confidence.High);
        return start + length;
    }
}
