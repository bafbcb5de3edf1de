using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// E-mail addresses (RFC 5321 mailboxes with an unquoted local part), also with letters outside ASCII. Over-matches on purpose:
/// a false hit costs a word, a miss leaks a person.
/// </summary>
internal static class EmailDetector
{
    /// <summary>Looks around the '@' at <paramref name="at"/>; returns where to read on.</summary>
    public static int Detect(ref ScanContext context, int at)
    {
        if (at == context.UserPartEnd)
        {
            return at + 1;
        }

        ReadOnlySpan<char> text = context.Text;
        int start = at;
        while (start > 0 && IsLocal(text[start - 1]))
        {
            start--;
        }

        // Trim what a sentence or a format puts in front.
        while (start < at && text[start] is '.' or '\'' or '-')
        {
            start++;
        }

        int end = at + 1;
        int lastDot = -1;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '.' or '-'))
        {
            if (text[end] == '.')
            {
                lastDot = end;
            }

            end++;
        }

        while (end > at && text[end - 1] is '.' or '-')
        {
            end--;
        }

        if (lastDot >= end)
        {
            lastDot = at + text[at..end].LastIndexOf('.');
        }

        if (start < at && lastDot > at + 1 && end - lastDot > 2 && HasLetter(text[(lastDot + 1)..end]))
        {
            context.Add(start, end, FindingType.Email, Confidence.High);
        }

        // The text after '@' may itself be the local part of the next address ("a@b@c.org"), and digits in it are read again.
        return at + 1;
    }

    private static bool IsLocal(char c) => char.IsLetterOrDigit(c) || c is '.' or '_' or '%' or '+' or '-' or '\'';

    private static bool HasLetter(ReadOnlySpan<char> label)
    {
        foreach (char c in label)
        {
            if (char.IsLetter(c))
            {
                return true;
            }
        }

        return false;
    }
}
