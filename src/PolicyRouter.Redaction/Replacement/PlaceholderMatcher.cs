using System.Globalization;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>A place in a text where a placeholder of this table stands, or one that looks like it.</summary>
/// <param name="Entry">Null when the table has no such placeholder.</param>
/// <param name="Invented">The kind of a placeholder that only its number tells from those of the table; null for any other.</param>
internal readonly record struct PlaceholderMatch(int Start, int End, PlaceholderEntry? Entry, string? Invented = null);

/// <summary>
/// Recognises the placeholders of one table, also in another case, with the backslash Markdown puts before an underscore, and with spaces or
/// dashes for underscores, those of typography too: models write them so.
/// </summary>
internal sealed class PlaceholderMatcher(string nonce)
{
    private readonly Dictionary<int, PlaceholderEntry> _entries = [];

    // Kinds in use, each once as plain and once as quoted placeholder; few, so that the end of a piece is judged quickly.
    private readonly List<(string Kind, bool IsQuoted)> _kinds = [];

    // What a placeholder of one of them may begin with, in either case.
    private string _firstLetters = "";

    /// <summary>Longest text that can be a placeholder: quotes, kind, two escaped underscores, nonce, number.</summary>
    public static int MaxLength { get; } =
        2 + PlaceholderFormat.MaxKindLength + 4 + PlaceholderFormat.NonceLength + PlaceholderFormat.MaxNumberDigits;

    /// <summary>
    /// Finds the next marker "_nonce_" with a number behind it, at or after <paramref name="from"/>. <c>Entry</c> is null when the
    /// table has no such placeholder.
    /// </summary>
    public bool TryFind(ReadOnlySpan<char> text, int from, out PlaceholderMatch match)
    {
        int at = from;
        while (true)
        {
            // By its last character, a digit: texts have few of them, and no case has to be folded to find them.
            int found = text[at..].IndexOf(nonce[^1]);
            if (found < 0)
            {
                match = default;
                return false;
            }

            int end = at + found + 1;
            int start = end - nonce.Length;
            if (start >= from && text[start..end].Equals(nonce, StringComparison.OrdinalIgnoreCase) && TryMatch(text, from, start, out match))
            {
                return true;
            }

            at = end;
        }
    }

    /// <summary>The first place where a placeholder of a kind of this table may begin, judged by one character; -1 for none.</summary>
    public int IndexOfFirstLetter(ReadOnlySpan<char> text) => text.IndexOfAny(_firstLetters);

    /// <summary>True when the text is the beginning of a placeholder of a kind of this table, or one that more digits could follow.</summary>
    public bool IsBeginning(ReadOnlySpan<char> text)
    {
        bool isQuoted = text[0] == '"';
        ReadOnlySpan<char> inner = isQuoted ? text[1..] : text;
        foreach ((string kind, bool quotes) in _kinds)
        {
            if ((quotes || !isQuoted) && IsBeginningOf(inner, kind))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when an entry has this number.</summary>
    public bool Has(int number) => _entries.ContainsKey(number);

    /// <summary>Takes note of a new entry.</summary>
    public void Register(PlaceholderEntry entry)
    {
        _entries.Add(entry.Number, entry);
        if (!_kinds.Contains((entry.Kind, entry.IsBareNumber)))
        {
            _kinds.Add((entry.Kind, entry.IsBareNumber));
            _firstLetters = string.Concat(_firstLetters.Union([char.ToUpperInvariant(entry.Kind[0]), char.ToLowerInvariant(entry.Kind[0]), .. entry.IsBareNumber ? "\"" : ""]));
        }
    }

    /// <summary>Forgets every entry.</summary>
    public void Clear() => _entries.Clear();

    private bool TryMatch(ReadOnlySpan<char> text, int floor, int nonceStart, out PlaceholderMatch match)
    {
        match = default;
        int end = nonceStart + nonce.Length;
        if (nonceStart == floor || !IsDivider(text[nonceStart - 1]) || !SkipDivider(text, ref end))
        {
            return false;
        }

        int digits = end;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        if (end == digits)
        {
            return false;
        }

        int kindEnd = nonceStart - 1;
        kindEnd -= kindEnd > floor && text[kindEnd - 1] == '\\' ? 1 : 0;
        ReadOnlySpan<char> before = text[floor..kindEnd];
        PlaceholderEntry? entry = Entry(text[digits..end]);
        if (entry is null || !before.EndsWith(entry.Kind, StringComparison.OrdinalIgnoreCase))
        {
            string? kind = end - digits <= PlaceholderFormat.MaxNumberDigits ? KindInUse(before) : null;
            match = new PlaceholderMatch(kindEnd - (kind?.Length ?? PlaceholderFormat.KindBefore(before, before.Length)), end, null, kind);
            return true;
        }

        int start = kindEnd - entry.Kind.Length;
        if (entry.IsBareNumber && start > floor && text[start - 1] == '"' && end < text.Length && text[end] == '"')
        {
            start--;
            end++;
        }

        match = new PlaceholderMatch(start, end, entry);
        return true;
    }

    private PlaceholderEntry? Entry(ReadOnlySpan<char> digits) =>
        digits.Length <= PlaceholderFormat.MaxNumberDigits
        && digits[0] != '0'
        && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? _entries.GetValueOrDefault(number)
            : null;

    private bool IsBeginningOf(ReadOnlySpan<char> text, string kind)
    {
        if (text.Length <= kind.Length)
        {
            return kind.AsSpan().StartsWith(text, StringComparison.OrdinalIgnoreCase);
        }

        if (!text.StartsWith(kind, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        int at = kind.Length;
        if (!SkipDivider(text, ref at))
        {
            return at == text.Length;
        }

        ReadOnlySpan<char> rest = text[at..];
        if (rest.Length <= nonce.Length)
        {
            return nonce.AsSpan().StartsWith(rest, StringComparison.OrdinalIgnoreCase);
        }

        at = nonce.Length;
        if (!rest.StartsWith(nonce, StringComparison.OrdinalIgnoreCase) || !SkipDivider(rest, ref at))
        {
            return at == rest.Length;
        }

        // Whatever the number: one that the table does not have is ours to replace, too.
        rest = rest[at..];
        return rest.Length <= PlaceholderFormat.MaxNumberDigits && rest.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private string? KindInUse(ReadOnlySpan<char> before)
    {
        foreach ((string kind, _) in _kinds)
        {
            if (before.EndsWith(kind, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        return null;
    }

    // Moves over an underscore, escaped or not, or what a model writes for it. False leaves the place at the end when the text ended before it.
    private static bool SkipDivider(ReadOnlySpan<char> text, ref int at)
    {
        int divider = at < text.Length && text[at] == '\\' ? at + 1 : at;
        if (divider < text.Length && IsDivider(text[divider]))
        {
            at = divider + 1;
            return true;
        }

        at = divider >= text.Length ? text.Length : at;
        return false;
    }

    private static bool IsDivider(char c) => c is '_' or ' ' or '-' or '\u00A0' or '\u202F' or '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '\u2212';
}
