namespace PolicyRouter.Redaction.Labels;

/// <summary>
/// The last few words before a place in a text, lower-cased, camelCase and snake_case split, "no" and "#" written "number", joined by single
/// spaces: what the lexicon compares. Lives on the stack.
/// </summary>
internal ref struct LabelWords
{
    public const int MaxWords = 10;
    private const int Capacity = 96;

    private readonly Span<char> _buffer;
    private readonly Span<byte> _starts;
    private int _front;

    /// <param name="buffer">At least <see cref="Capacity"/> characters.</param>
    /// <param name="starts">At least <see cref="MaxWords"/> bytes.</param>
    public LabelWords(Span<char> buffer, Span<byte> starts)
    {
        _buffer = buffer;
        _starts = starts;
        _front = buffer.Length;
    }

    public static int BufferLength => Capacity;

    /// <summary>How many words were read.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Words from <paramref name="first"/> to <paramref name="last"/>, counted backwards from the value: 0 is the nearest.
    /// </summary>
    public readonly ReadOnlySpan<char> Between(int first, int last)
    {
        int end = last == 0 ? _buffer.Length : _starts[last - 1] - 1;
        return _buffer[_starts[first]..end];
    }

    /// <summary>Reads words backwards from <paramref name="end"/>, at most to <paramref name="floor"/>.</summary>
    /// <param name="anyPunctuation">True to read on over commas and brackets, for labels that are only near.</param>
    public void Read(ReadOnlySpan<char> text, int end, int floor, bool anyPunctuation)
    {
        int at = end;
        while (at > floor && Count < MaxWords)
        {
            char c = text[at - 1];
            if (char.IsAsciiDigit(c) && at == end)
            {
                // "cvv2: 123" keeps its label; another number in between takes it.
                if (at < 2 || !char.IsLetter(text[at - 2]))
                {
                    return;
                }

                at--;
            }
            else if (char.IsLetter(c) || char.IsAsciiDigit(c))
            {
                int start = WordStart(text, at, floor);
                int from = start;

                // In JSON inside a string a line break is written \n: its letter is no part of the word.
                if (from > 0 && text[from - 1] == '\\' && text[from] is 'n' or 't' or 'r' && at - from > 1)
                {
                    from++;
                }

                if (!Push(text[from..at]))
                {
                    return;
                }

                at = start;
            }
            else if (anyPunctuation ? c is '\n' or '\r' : IsBarrier(text, at - 1))
            {
                return;
            }
            else
            {
                at--;
            }
        }
    }

    // A word ends where the letters end, where lower case turns to upper ("patientSsn"), and before the last capital of a run
    // that goes on in lower case ("SSNNumber").
    private static int WordStart(ReadOnlySpan<char> text, int end, int floor)
    {
        int start = end - 1;
        bool isDigit = char.IsAsciiDigit(text[start]);
        while (start > floor)
        {
            char left = text[start - 1];
            char right = text[start];
            if (isDigit ? !char.IsAsciiDigit(left) : !char.IsLetter(left))
            {
                break;
            }

            bool isHump = (char.IsLower(left) && char.IsUpper(right))
                || (char.IsUpper(left) && char.IsUpper(right) && start + 1 < end && char.IsLower(text[start + 1]));
            if (isHump)
            {
                break;
            }

            start--;
        }

        // "cvv2": a single digit glued to letters belongs to the word.
        if (isDigit && end - start == 1 && start > floor && char.IsLetter(text[start - 1]))
        {
            return WordStart(text, start, floor);
        }

        return start;
    }

    private static bool IsBarrier(ReadOnlySpan<char> text, int at) =>
        text[at] switch
        {
            '\n' or '\r' or '\t' or ',' or ';' or ':' or '&' or '?' or '!' or '|' or '"' or '=' => true,
            '{' or '}' or '[' or ']' or '(' or ')' or '<' => true,
            '.' => at + 1 < text.Length && text[at + 1] == ' ' && at > 1 && char.IsLetter(text[at - 2]),
            _ => false,
        };

    /// <summary>Puts a word in front of those read so far; false when there is no room.</summary>
    public bool Push(ReadOnlySpan<char> word)
    {
        if (word.Length < 4 && (word.Equals("no", StringComparison.OrdinalIgnoreCase) || word.Equals("nr", StringComparison.OrdinalIgnoreCase)
            || word.Equals("num", StringComparison.OrdinalIgnoreCase)))
        {
            word = "number";
        }

        int needed = word.Length + (Count == 0 ? 0 : 1);
        if (needed > _front)
        {
            return false;
        }

        if (Count > 0)
        {
            _buffer[--_front] = ' ';
        }

        _front -= word.Length;
        word.ToLowerInvariant(_buffer[_front..]);
        _starts[Count++] = (byte)_front;
        return true;
    }
}
