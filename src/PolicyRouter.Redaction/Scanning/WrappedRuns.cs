using System.Buffers;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// The lines of a block of base64 or hexadecimal digits: a run of their characters and the runs on the lines directly below. Lines may be of any length, and be indented, quoted
/// (<c>&gt;</c>) or divided by the escape of a line break, as in JSON.
/// </summary>
internal ref struct WrappedRuns
{
    /// <summary>Characters of a run that stands in a line with something else: a shorter one is a word.</summary>
    public const int Shortest = 12;

    // Between two lines: a line break, indents and quote marks.
    private const int LongestGap = 16;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");

    private readonly ReadOnlySpan<char> _text;
    private int _next;

    /// <param name="text">The text, to the end of the block or farther.</param>
    /// <param name="start">Where the first run begins.</param>
    public WrappedRuns(ReadOnlySpan<char> text, int start)
    {
        _text = text;
        _next = start;
        IsHexadecimal = IsOfHexadecimal(text[start..EndOfRun(text, start)]);
    }

    /// <summary>True when every run has hexadecimal digits only. Others have no long run of these.</summary>
    public bool IsHexadecimal { get; }

    public Range Current { get; private set; }

    public readonly WrappedRuns GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next < 0)
        {
            return false;
        }

        int end = EndOfRun(_text, _next);
        Current = _next..end;
        _next = LineBelow(end);
        return true;
    }

    /// <summary>Where the next run begins, from a place on; -1 when there is none. The letter of an escape (<c>\n</c>, <c>\x</c>) is none of its characters.</summary>
    public static int Find(ReadOnlySpan<char> text, int from)
    {
        int found = text[from..].IndexOfAny(Alphabet);
        int start = from + found;
        return found < 0 ? -1 : start + (start > 0 && text[start - 1] == '\\' && text[start] is 'n' or 'r' or 't' or 'x' or 'X' ? 1 : 0);
    }

    /// <summary>Where a run ends; at its beginning when there is none.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int start)
    {
        int length = text[start..].IndexOfAnyExcept(Alphabet);
        return length < 0 ? text.Length : start + length;
    }

    /// <summary>True for a short run at the end of a line that is not the last word of a sentence: what stands before it is an indent, or a sign.</summary>
    public static bool BeginsBlock(ReadOnlySpan<char> text, int start, int end)
    {
        ReadOnlySpan<char> behind = text[end..Math.Min(text.Length, end + LongestGap)].TrimStart(" \t");
        if (behind is not ['\n' or '\r' or '\\', ..])
        {
            return false;
        }

        ReadOnlySpan<char> before = text[Math.Max(0, start - LongestGap)..start].TrimEnd(" \t>");
        return before is not [.., var sign] || !char.IsLetterOrDigit(sign) || before is [.., '\\', 'n' or 'r'];
    }

    /// <summary>The run that goes on in the line below; -1 when the block ends here.</summary>
    private readonly int LineBelow(int end)
    {
        int at = end;
        bool isBroken = false;
        while (at < _text.Length && at - end < LongestGap)
        {
            char c = _text[at];
            bool isEscape = c == '\\' && at + 1 < _text.Length && _text[at + 1] is 'n' or 'r';
            if (!isEscape && c is not (' ' or '\t' or '>' or '\n' or '\r'))
            {
                break;
            }

            isBroken |= isEscape || c is '\n' or '\r' || (c == ' ' && LineBreaks.DividesGroups(_text, at, at + 1));
            at += isEscape ? 2 : 1;
        }

        int below = isBroken && at < _text.Length ? EndOfRun(_text, at) : at;
        return below > at && IsOfBlock(at, below) ? at : -1;
    }

    /// <summary>Prose below a block begins with a word, and a block of hexadecimal digits is none of base64.</summary>
    private readonly bool IsOfBlock(int start, int end)
    {
        bool isLong = end - start >= Shortest;
        bool isHexadecimal = IsOfHexadecimal(_text[start..end]);
        bool isAlone = isLong || !(end + 1 < _text.Length && _text[end] == ' ' && char.IsLetterOrDigit(_text[end + 1]));
        return isAlone && (IsHexadecimal ? isHexadecimal : !(isHexadecimal && isLong));
    }

    private static bool IsOfHexadecimal(ReadOnlySpan<char> run) => run.IndexOfAnyExcept(Hexadecimal) < 0;
}
