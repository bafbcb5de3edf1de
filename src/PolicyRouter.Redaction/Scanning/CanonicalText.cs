using System.Buffers;
using System.Text;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// The text as detectors see it, with the way back to the original offsets: digits of every script, full-width, circled, superscript and
/// mathematical characters, dashes and spaces in their ASCII form, Cyrillic and Greek letters that look like Latin ones as these, escapes of JSON, HTML
/// and URLs decoded, invisible characters, combining marks and emphasis inside numbers left out. Text without any of these is its own canonical form and
/// costs a vectorised look.
/// </summary>
internal ref struct CanonicalText
{
    // ASCII that may begin something to be decoded or left out.
    private static readonly SearchValues<char> Escapes = SearchValues.Create(@"%\&*`");

    private char[]? _view;

    // Per character of the view, where it begins and ends in the original.
    private int[]? _spans;

    private CanonicalText(ReadOnlySpan<char> view, char[]? rentedView, int[]? spans)
    {
        View = view;
        _view = rentedView;
        _spans = spans;
    }

    public ReadOnlySpan<char> View { get; private set; }

    public static CanonicalText Of(ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text) && text.IndexOfAny(Escapes) < 0 && !LineBreaks.AnyDividesANumber(text))
        {
            return new CanonicalText(text, null, null);
        }

        char[] view = ArrayPool<char>.Shared.Rent(text.Length);
        int[] spans = ArrayPool<int>.Shared.Rent(2 * text.Length);
        int length = 0;
        bool isInUrl = false;
        for (int at = 0; at < text.Length;)
        {
            char c = text[at];
            int end = at + 1;
            char folded = c < 0x80 ? c : FoldedCharacters.Fold(text, at, out end);
            if (Escapes.Contains(c))
            {
                folded = Escaped(text, at, view.AsSpan(0, length), isInUrl, out end);
            }

            if (c is '\r' or '\n' && LineBreaks.EndOf(text, at, out bool isInWord) is > 0 and var goesOn)
            {
                (folded, end) = (isInWord ? '\0' : ' ', goesOn);
            }

            if (folded != '\0' || c == '\0')
            {
                view[length] = folded;
                (spans[2 * length], spans[2 * length + 1]) = (at, end);
                length++;
                isInUrl = isInUrl ? !char.IsWhiteSpace(folded) : folded == '/' && view.AsSpan(0, length).EndsWith("://", StringComparison.Ordinal);
            }
            else if (length > 0 && FoldedCharacters.IsMark(text, at))
            {
                // A mark belongs to the letter it stands on.
                spans[2 * length - 1] = end;
            }

            at = end;
        }

        return new CanonicalText(view.AsSpan(0, length), view, spans);
    }

    /// <summary>Moves findings from the canonical text to the original.</summary>
    public readonly void MapBack(List<Finding> findings, int first)
    {
        if (_spans is not { } spans)
        {
            return;
        }

        for (int i = first; i < findings.Count; i++)
        {
            Finding finding = findings[i];
            int start = spans[2 * finding.Start];
            findings[i] = finding with { Start = start, Length = spans[2 * finding.End - 1] - start };
        }
    }

    public void Dispose()
    {
        if (_view is { } view)
        {
            ArrayPool<char>.Shared.Return(view, clearArray: true);
            _view = null;
        }

        if (_spans is { } spans)
        {
            ArrayPool<int>.Shared.Return(spans);
            _spans = null;
        }

        View = default;
    }

    /// <summary>What an escape stands for, NUL for emphasis that is left out, or the character itself.</summary>
    private static char Escaped(ReadOnlySpan<char> text, int at, ReadOnlySpan<char> before, bool isInUrl, out int end)
    {
        if (text[at] is '*' or '`')
        {
            end = at + 1;
            return IsEmphasisInNumber(text, at, before) ? '\0' : text[at];
        }

        char decoded = EscapedCharacters.Decode(text, at, out end);

        // A space ends a URL, which it does not while it is written as %20.
        if (decoded == EscapedCharacters.None || (decoded == ' ' && isInUrl))
        {
            end = at + 1;
            return text[at];
        }

        return decoded;
    }

    /// <summary><c>**536**-22-1847</c>: markers with a digit on one side and a digit or a separator of digits on the other.</summary>
    private static bool IsEmphasisInNumber(ReadOnlySpan<char> text, int at, ReadOnlySpan<char> before)
    {
        int next = at + 1;
        while (next < text.Length && next - at < 4 && text[next] is '*' or '`')
        {
            next++;
        }

        char after = next < text.Length ? text[next] : '\0';
        char previous = before.IsEmpty ? '\0' : before[^1];
        return (IsDigit(previous) && (IsDigit(after) || IsSeparator(after))) || (IsDigit(after) && IsSeparator(previous) && before.Length > 1 && (IsDigit(before[^2]) || before[^2] == ')'));
    }

    private static bool IsDigit(char c) => c < 0x80 ? char.IsAsciiDigit(c) : char.IsDigit(c);

    private static bool IsSeparator(char c) => c is '-' or '.' or ' ' or '/';
}
