using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>URLs with a scheme and an authority (RFC 3986), and credentials in their user part.</summary>
internal static class UrlDetector
{
    private const int MaxScheme = 24;

    /// <summary>True when the colon begins "://".</summary>
    public static bool IsAuthority(in ScanContext context, int colon) => context.At(colon + 1) == '/' && context.At(colon + 2) == '/';

    /// <summary>Looks around the "://" at <paramref name="colon"/>; returns where to read on.</summary>
    public static int Detect(ref ScanContext context, int colon)
    {
        int next = colon + 3;
        ReadOnlySpan<char> text = context.Text;
        int start = colon;
        while (start > 0 && colon - start < MaxScheme && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '+' or '-'))
        {
            start--;
        }

        if (colon < context.UrlEnd || start == colon || !char.IsAsciiLetter(text[start]))
        {
            return next;
        }

        int end = End(text, next);
        if (end - next < 3)
        {
            return next;
        }

        context.UrlEnd = end;
        context.Add(start, end, FindingType.Url, Confidence.High);
        Credentials(ref context, next, end);
        return next;
    }

    /// <summary>A host written "www." without a scheme.</summary>
    public static void DetectHost(ref ScanContext context, int start)
    {
        if (start < context.UrlEnd || !context.StartsWord(start))
        {
            return;
        }

        int end = End(context.Text, start);
        context.UrlEnd = end;
        if (end - start > 7 && context.Text[(start + 4)..end].Contains('.'))
        {
            context.Add(start, end, FindingType.Url, Confidence.High);
        }
    }

    private static int End(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('"' or '<' or '>' or '\'' or '`' or '\\' or '{' or '}' or '|'))
        {
            end++;
        }

        while (end > start && text[end - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']' or '*')
        {
            end--;
        }

        return end;
    }

    private static void Credentials(ref ScanContext context, int start, int end)
    {
        ReadOnlySpan<char> rest = context.Text[start..end];
        int slash = rest.IndexOfAny('/', '?', '#');
        int at = (slash < 0 ? rest : rest[..slash]).LastIndexOf('@');
        int colon = at < 0 ? -1 : rest[..at].IndexOf(':');
        if (colon >= 0 && at - colon > 1)
        {
            context.Add(start + colon + 1, start + at, FindingType.Secret, Confidence.High);
            context.UserPartEnd = start + at;
        }
    }
}
