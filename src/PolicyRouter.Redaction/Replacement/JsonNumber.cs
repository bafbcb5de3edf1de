namespace PolicyRouter.Redaction.Replacement;

/// <summary>Number tokens of JSON that is carried as text.</summary>
internal static class JsonNumber
{
    /// <summary>True when the span is digits that stand where JSON has a value: after a colon, comma or bracket, before a comma or bracket.</summary>
    public static bool IsBare(ReadOnlySpan<char> text, int start, int end)
    {
        if (text[start..end].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        ReadOnlySpan<char> before = text[Math.Max(0, start - 16)..start].TrimEnd();
        ReadOnlySpan<char> after = text[end..Math.Min(text.Length, end + 16)].TrimStart();
        return before is [.., ':' or ',' or '['] && after is [',' or '}' or ']', ..];
    }
}
