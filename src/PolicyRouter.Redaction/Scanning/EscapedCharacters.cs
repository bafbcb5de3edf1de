using System.Globalization;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>Characters written as escapes: <c>%40</c> (RFC 3986), <c>\u0040</c> (RFC 8259), <c>&amp;#64;</c> and a few names (HTML).</summary>
internal static class EscapedCharacters
{
    /// <summary>What <see cref="Decode"/> says when there is nothing to decode.</summary>
    public const char None = '\uFFFF';

    private const int LongestReference = 10;
    private const int MostLayers = 4;

    /// <summary>
    /// The character that an escape stands for, folded; NUL for one that is not seen; <see cref="None"/> when there is no escape here, or it is one that
    /// would change the structure of what it stands in.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where a percent sign, a backslash or an ampersand stands.</param>
    /// <param name="end">Where the escape ends.</param>
    public static char Decode(ReadOnlySpan<char> text, int at, out int end)
    {
        int skipped = Layers(text[at..]);
        ReadOnlySpan<char> rest = text[(at + skipped)..];
        int value = -1;
        int length = 0;
        switch (text[at])
        {
            case '%':
                length = 3;
                value = rest.Length >= 3 ? Number(rest[1..3], NumberStyles.AllowHexSpecifier) : -1;

                // The rest are bytes of UTF-8, of which several make a character.
                value = value < 0x80 ? value : -1;
                break;
            case '\\' when rest.Length >= 6 && rest[1] == 'u':
                length = 6;
                value = Number(rest[2..6], NumberStyles.AllowHexSpecifier);
                break;
            case '&':
                length = rest[1..Math.Min(rest.Length, LongestReference)].IndexOf(';') + 2;
                value = length > 2 ? Reference(rest[1..(length - 1)]) : -1;
                break;
        }

        end = at + skipped + length;
        char decoded = value is >= ' ' and <= char.MaxValue ? (char)value : None;

        // Quotes, brackets and the like are how detectors tell what is a value: written as an escape they are text.
        return decoded switch
        {
            '"' or '\'' or '\\' or '<' or '>' or '{' or '}' or '\u007F' or '%' or '&' => None,
            < '\u0080' or None => decoded,
            _ when char.IsSurrogate(decoded) => None,
            _ => FoldedCharacters.Fold([decoded], 0, out _),
        };
    }

    /// <summary>
    /// How much of <c>%2540</c>, <c>&amp;amp;#64;</c> and <c>\\u0040</c> is the escape of an escape: what is left is as it was before it was escaped again.
    /// </summary>
    private static int Layers(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> again = text[0] switch { '%' => "25", '&' => "amp;", _ => "\\" };
        int skipped = 0;
        for (int layer = 1; layer < MostLayers && text[(skipped + 1)..].StartsWith(again, StringComparison.OrdinalIgnoreCase); layer++)
        {
            skipped += again.Length;
        }

        return skipped;
    }

    private static int Reference(ReadOnlySpan<char> name) => name switch
    {
        ['#', 'x' or 'X', .. var hex] => Number(hex, NumberStyles.AllowHexSpecifier),
        ['#', .. var digits] => Number(digits, NumberStyles.None),
        "nbsp" or "ensp" or "emsp" or "thinsp" => ' ',
        "commat" => '@',
        "period" => '.',
        "lowbar" => '_',
        "hyphen" or "dash" or "ndash" or "mdash" or "minus" => '-',
        "colon" => ':',
        "sol" => '/',
        "plus" => '+',
        "lpar" => '(',
        "rpar" => ')',
        _ => -1,
    };

    private static int Number(ReadOnlySpan<char> digits, NumberStyles style) => int.TryParse(digits, style, CultureInfo.InvariantCulture, out int value) ? value : -1;
}
