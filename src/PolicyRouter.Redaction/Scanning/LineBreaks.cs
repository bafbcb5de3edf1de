namespace PolicyRouter.Redaction.Scanning;

/// <summary>Numbers that a line break divides: after a dash (<c>536-22-⏎1847</c>), or between two groups of four digits (<c>4111 1111⏎1111 1111</c>).</summary>
internal static class LineBreaks
{
    private const int LongestIndent = 8;
    private const int CardGroup = 4;

    /// <summary>True when some line break divides a number.</summary>
    public static bool AnyDividesANumber(ReadOnlySpan<char> text)
    {
        for (int at = text.IndexOf('\n'); at >= 0;)
        {
            if (EndOf(text, at > 0 && text[at - 1] == '\r' ? at - 1 : at, out _) > 0)
            {
                return true;
            }

            int next = text[(at + 1)..].IndexOf('\n');
            at = next < 0 ? -1 : at + 1 + next;
        }

        return false;
    }

    /// <summary>Where the number goes on, behind the line break and its indent; 0 when the break at this place divides none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where a carriage return or line feed stands.</param>
    /// <param name="isInWord">True when the dash before joins both parts, so that nothing stands for the break.</param>
    public static int EndOf(ReadOnlySpan<char> text, int at, out bool isInWord)
    {
        isInWord = at > 1 && text[at - 1] == '-' && char.IsAsciiDigit(text[at - 2]);
        int line = text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? at + 2 : at + 1;
        int end = line;
        while (end < text.Length && end - line < LongestIndent && text[end] is ' ' or '\t')
        {
            end++;
        }

        if (end >= text.Length || !char.IsAsciiDigit(text[end]))
        {
            return 0;
        }

        return isInWord || DividesGroups(text, at, end) ? end : 0;
    }

    /// <summary>True when what stands in this range stands between two groups of four digits. In canonical text a space does that may have been a line break.</summary>
    public static bool DividesGroups(ReadOnlySpan<char> text, int start, int end) =>
        Digits(text[..start], fromEnd: true) == CardGroup && Digits(text[end..], fromEnd: false) == CardGroup;

    private static int Digits(ReadOnlySpan<char> text, bool fromEnd)
    {
        int count = 0;
        while (count < text.Length && count <= CardGroup && char.IsAsciiDigit(text[fromEnd ? ^(count + 1) : count]))
        {
            count++;
        }

        return count;
    }
}
