namespace PolicyRouter.Redaction.Scanning;

/// <summary>A run of digits.</summary>
internal readonly record struct DigitGroup(int Start, int Length)
{
    public int End => Start + Length;
}

/// <summary>
/// Neighbouring runs of digits with at most three separators between them (spaces, dashes, dots, slashes, brackets):
/// "(555) 123-4567" is 3, 3 and 4 digits. Lives on the stack.
/// </summary>
internal readonly ref struct DigitGroups
{
    /// <summary>Most groups read at once.</summary>
    public const int Capacity = 64;

    private const int MaxSeparators = 3;
    private readonly ReadOnlySpan<char> _text;
    private readonly ReadOnlySpan<DigitGroup> _groups;

    private DigitGroups(ReadOnlySpan<char> text, ReadOnlySpan<DigitGroup> groups)
    {
        _text = text;
        _groups = groups;
    }

    public int Count => _groups.Length;
    public DigitGroup this[int index] => _groups[index];
    public int Start => _groups[0].Start;
    public int End => _groups[^1].End;

    /// <summary>Reads from a digit onwards.</summary>
    public static DigitGroups Read(ReadOnlySpan<char> text, int start, Span<DigitGroup> buffer)
    {
        int count = 0;
        int at = start;
        while (true)
        {
            int next = at + 1;
            while (next < text.Length && char.IsAsciiDigit(text[next]))
            {
                next++;
            }

            int end = next;
            buffer[count++] = new DigitGroup(at, end - at);
            int limit = Math.Min(text.Length, next + MaxSeparators);
            while (next < limit && IsSeparator(text[next]))
            {
                next++;
            }

            if (count == buffer.Length || next == end || next >= text.Length || !char.IsAsciiDigit(text[next]))
            {
                return new DigitGroups(text, buffer[..count]);
            }

            at = next;
        }
    }

    /// <summary>What stands between a group and the next.</summary>
    public ReadOnlySpan<char> Separator(int index) => _text[_groups[index].End.._groups[index + 1].Start];

    /// <summary>The one character that separates a group from the next, or NUL when there are several.</summary>
    public char SingleSeparator(int index)
    {
        ReadOnlySpan<char> separator = Separator(index);
        return separator.Length == 1 ? separator[0] : '\0';
    }

    /// <summary>The number a group of up to nine digits is; -1 for a longer one.</summary>
    public int Value(int index) =>
        _groups[index].Length > 9
            ? -1
            : int.Parse(_text.Slice(_groups[index].Start, _groups[index].Length), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// True when the groups from <paramref name="first"/> to <paramref name="last"/> are a number of their own: nothing but a
    /// space joins them to their neighbours.
    /// </summary>
    public bool StandAlone(int first, int last) =>
        (first == 0 || Separator(first - 1)[^1] is ' ' or '(') && (last == Count - 1 || Separator(last)[0] is ' ' or ')' or '(');

    /// <summary>Copies the digits of the groups from <paramref name="first"/> to <paramref name="last"/>; 0 when they do not fit.</summary>
    public int CopyDigits(int first, int last, Span<char> destination)
    {
        int length = 0;
        for (int i = first; i <= last; i++)
        {
            if (length + _groups[i].Length > destination.Length)
            {
                return 0;
            }

            _text.Slice(_groups[i].Start, _groups[i].Length).CopyTo(destination[length..]);
            length += _groups[i].Length;
        }

        return length;
    }

    private static bool IsSeparator(char c) => c is ' ' or '-' or '.' or '/' or '(' or ')' or '\t';
}
