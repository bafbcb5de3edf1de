namespace PolicyRouter.Redaction.Detectors;

/// <summary>English names of months, in full and in three letters. "May", "Mar" and the like need a capital: "may 5 pass" is no date.</summary>
internal static class MonthName
{
    private const int Longest = 9;

    private static readonly string[] Names =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    /// <summary>Start of the month name that ends before <paramref name="end"/>, with only a space, dash or dot between; or -1.</summary>
    public static int StartBefore(ReadOnlySpan<char> text, int end)
    {
        int wordEnd = end;
        while (wordEnd > 0 && end - wordEnd < 3 && text[wordEnd - 1] is ' ' or '-' or '.' or '/' or ',')
        {
            wordEnd--;
        }

        int start = wordEnd;
        while (start > 0 && wordEnd - start <= Longest && char.IsAsciiLetter(text[start - 1]))
        {
            start--;
        }

        return wordEnd < end && IsMonth(text[start..wordEnd]) ? start : -1;
    }

    /// <summary>End of the month name that starts after <paramref name="start"/>, with only a space, dash or "of" between; or -1.</summary>
    public static int EndAfter(ReadOnlySpan<char> text, int start)
    {
        int wordStart = start;
        while (wordStart < text.Length && wordStart - start < 2 && text[wordStart] is ' ' or '-' or '.' or '/')
        {
            wordStart++;
        }

        if (wordStart == start)
        {
            return -1;
        }

        if (text[wordStart..].StartsWith("of ", StringComparison.Ordinal))
        {
            wordStart += 3;
        }

        int end = wordStart;
        while (end < text.Length && end - wordStart <= Longest && char.IsAsciiLetter(text[end]))
        {
            end++;
        }

        return IsMonth(text[wordStart..end]) ? end : -1;
    }

    private static bool IsMonth(ReadOnlySpan<char> word)
    {
        if (word.Length < 3 || !char.IsAsciiLetterUpper(word[0]))
        {
            return false;
        }

        foreach (string name in Names)
        {
            if (word.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (word.Length == 3 && name.AsSpan().StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return word.Equals("sept", StringComparison.OrdinalIgnoreCase);
    }
}
