namespace PolicyRouter.Redaction.Labels;

/// <summary>A label that was found. <see cref="IsStructural"/> is true after a colon, an equals sign or as a JSON key.</summary>
internal readonly record struct Label(LabelKind Kind, bool IsStructural);

/// <summary>
/// Finds the label of a value: in the 45 characters before it, or in the JSON key it stands under. Whole words only, so that
/// "public" holds no "lic". Reads a bounded stretch and allocates nothing.
/// </summary>
internal static class LabelReader
{
    private const int Reach = 45;
    private const int MaxPunctuation = 12;
    private const int MaxFillers = 4;

    /// <summary>The label directly before <paramref name="start"/>, with at most punctuation and filler words between.</summary>
    /// <param name="key">The key the whole text stands under: the label when nothing but punctuation comes before the value.</param>
    public static Label Before(ReadOnlySpan<char> text, int start, ReadOnlySpan<char> key)
    {
        int at = SkipPunctuation(text, start, out bool isStructural, out bool isQuotedKey, out bool isBlocked);
        if (isBlocked)
        {
            return default;
        }

        if (at == 0)
        {
            return key.IsEmpty ? default : new Label(Of(key), IsStructural: true);
        }

        Span<char> buffer = stackalloc char[LabelWords.BufferLength];
        Span<byte> starts = stackalloc byte[LabelWords.MaxWords];
        LabelWords words = new(buffer, starts);
        if (text[at..start].Contains('#'))
        {
            words.Push("number");
        }

        words.Read(text, at, Math.Max(0, at - Reach), anyPunctuation: false);
        LabelKind kind = Last(words, isQuotedKey);
        return new Label(kind, isStructural && kind != LabelKind.None);
    }

    /// <summary>The label that a JSON key or column name is, or None.</summary>
    public static LabelKind Of(ReadOnlySpan<char> key)
    {
        if (key.Length > 64)
        {
            return LabelKind.None;
        }

        Span<char> buffer = stackalloc char[LabelWords.BufferLength];
        Span<byte> starts = stackalloc byte[LabelWords.MaxWords];
        LabelWords words = new(buffer, starts);
        words.Read(key, key.Length, 0, anyPunctuation: true);
        return Last(words, isKey: true);
    }

    /// <summary>True when a label of the kind stands anywhere in the 45 characters before, on the same line.</summary>
    public static bool IsNear(ReadOnlySpan<char> text, int start, LabelKind kind)
    {
        Span<char> buffer = stackalloc char[LabelWords.BufferLength];
        Span<byte> starts = stackalloc byte[LabelWords.MaxWords];
        LabelWords words = new(buffer, starts);
        words.Read(text, start, Math.Max(0, start - Reach), anyPunctuation: true);
        for (int last = 0; last < words.Count; last++)
        {
            for (int first = last; first < words.Count && first - last < LabelLexicon.MaxWords; first++)
            {
                if (LabelLexicon.Find(words.Between(first, last)) == kind)
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The longest label that ends at the nearest word; then the same without trailing filler words.
    private static LabelKind Last(LabelWords words, bool isKey)
    {
        for (int last = 0; last < words.Count && last <= MaxFillers; last++)
        {
            int longest = Math.Min(words.Count - last, LabelLexicon.MaxWords);
            for (int length = longest; length > 0; length--)
            {
                // A bare "name" counts only when it is all there is: "file name" and "display name" are not people.
                LabelKind kind = LabelLexicon.Find(words.Between(last + length - 1, last));
                if (kind == LabelKind.Name && (words.Count > last + length || (isKey && last > 0)))
                {
                    return LabelKind.None;
                }

                if (kind != LabelKind.None)
                {
                    return kind;
                }
            }

            if (!LabelLexicon.IsFiller(words.Between(last, last)))
            {
                return LabelKind.None;
            }
        }

        return LabelKind.None;
    }

    private static int SkipPunctuation(
        ReadOnlySpan<char> text, int start, out bool isStructural, out bool isQuotedKey, out bool isBlocked)
    {
        isStructural = false;
        isQuotedKey = false;
        isBlocked = false;
        bool crossedLine = false;
        int at = start;
        int floor = Math.Max(0, start - MaxPunctuation);
        while (at > floor)
        {
            char c = text[at - 1];
            switch (c)
            {
                case ':' or '=':
                    isStructural = true;
                    crossedLine = false;
                    break;
                case '"' or '\'' or '`':
                    isQuotedKey |= isStructural;
                    break;
                case '\n' or '\r':
                    // "SSN:" at the end of the line before is this value's label; a line without a colon is not.
                    crossedLine = true;
                    break;
                case ' ' or '\\' or '#' or '*' or '(' or '[' or '>' or '|' or '\t' or '-' or '.' or '_' or '/' or '+':
                    break;
                default:
                    isBlocked = crossedLine || !char.IsLetterOrDigit(c) || IsEscapedLineBreak(text, at - 1, isStructural);
                    return at;
            }

            at--;
        }

        isBlocked = at != 0;
        return at;
    }

    private static bool IsEscapedLineBreak(ReadOnlySpan<char> text, int at, bool isStructural) =>
        !isStructural && text[at] is 'n' or 'r' && at > 0 && text[at - 1] == '\\';
}
