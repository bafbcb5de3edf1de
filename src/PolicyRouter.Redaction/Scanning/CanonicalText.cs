using System.Buffers;
using System.Globalization;
using System.Text;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// The text as detectors see it: digits, dashes, spaces and full-width letters in their ASCII form, invisible characters left
/// out, with the way back to the original offsets. Text without such characters is its own canonical form and costs a vectorised
/// look.
/// </summary>
internal ref struct CanonicalText
{
    private static readonly SearchValues<char> Foldable = SearchValues.Create(FoldableCharacters());

    private char[]? _view;
    private int[]? _origins;

    private CanonicalText(ReadOnlySpan<char> view, char[]? rentedView, int[]? origins)
    {
        View = view;
        _view = rentedView;
        _origins = origins;
    }

    public ReadOnlySpan<char> View { get; private set; }

    public static CanonicalText Of(ReadOnlySpan<char> text)
    {
        int first = Ascii.IsValid(text) ? -1 : text.IndexOfAny(Foldable);
        if (first < 0)
        {
            return new CanonicalText(text, null, null);
        }

        char[] view = ArrayPool<char>.Shared.Rent(text.Length);
        int[] origins = ArrayPool<int>.Shared.Rent(text.Length);
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char folded = i < first ? text[i] : Fold(text[i]);
            if (folded != '\0' || text[i] == '\0')
            {
                view[length] = folded;
                origins[length++] = i;
            }
        }

        return new CanonicalText(view.AsSpan(0, length), view, origins);
    }

    /// <summary>Moves findings from the canonical text to the original.</summary>
    public readonly void MapBack(List<Finding> findings, int first)
    {
        if (_origins is not { } origins)
        {
            return;
        }

        for (int i = first; i < findings.Count; i++)
        {
            Finding finding = findings[i];
            int start = origins[finding.Start];
            findings[i] = finding with { Start = start, Length = origins[finding.End - 1] + 1 - start };
        }
    }

    public void Dispose()
    {
        if (_view is { } view)
        {
            ArrayPool<char>.Shared.Return(view, clearArray: true);
            _view = null;
        }

        if (_origins is { } origins)
        {
            ArrayPool<int>.Shared.Return(origins);
            _origins = null;
        }

        View = default;
    }

    /// <summary>The ASCII form of a character, the character itself, or NUL for one that is not seen.</summary>
    private static char Fold(char c)
    {
        if (c < 0x80)
        {
            return c;
        }

        switch (CharUnicodeInfo.GetUnicodeCategory(c))
        {
            case UnicodeCategory.DecimalDigitNumber:
                return (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c));
            case UnicodeCategory.SpaceSeparator:
                return ' ';
            case UnicodeCategory.DashPunctuation:
                return '-';
            case UnicodeCategory.Format:
                return '\0';
        }

        return c switch
        {
            '\u2212' => '-',
            >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
            _ => c,
        };
    }

    private static char[] FoldableCharacters()
    {
        List<char> characters = [];
        for (int c = 0x80; c <= char.MaxValue; c++)
        {
            if (Fold((char)c) != c)
            {
                characters.Add((char)c);
            }
        }

        return [.. characters];
    }
}
