using System.Buffers;
using System.Globalization;
using System.Text;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// The ASCII forms of characters beyond it: digits of every kind by their value, dashes and spaces by their category, Latin letters in other dress
/// (full-width, circled, mathematical) and the letters of other scripts that are confused with Latin ones (UTS #39).
/// </summary>
/// <remarks>By hand where Unicode's compatible forms (UAX #15) would do: normalising needs ICU, which images without cultures do not have.</remarks>
internal static class FoldedCharacters
{
    // Lower and upper case in pairs with what they look like; letters that look like nothing Latin are left alone.
    private const string Lookalikes =
        "\u0430a\u0435e\u043Eo\u0440p\u0441c\u0443y\u0445x\u0456i\u0458j\u0455s\u0501d\u051Bq\u051Dw\u04BBh\u04CFl"
        + "\u0410A\u0412B\u0415E\u041AK\u041CM\u041DH\u041EO\u0420P\u0421C\u0422T\u0423Y\u0425X\u0405S\u0406I\u0408J\u050CG\u051AQ\u051CW"
        + "\u0391A\u0392B\u0395E\u0396Z\u0397H\u0399I\u039AK\u039CM\u039DN\u039FO\u03A1P\u03A4T\u03A5Y\u03A7X\u03BFo\u03BDv\u03C1p\u03B9i\u03BAk\u03C5u\u03B1a";

    // Mathematical alphabets, one after the other: U+1D400 to U+1D6A3.
    private const int FirstMathematical = 0x1D400;
    private const int LastMathematical = 0x1D6A3;

    // Per UTF-16 code unit its form; NUL for what is not seen.
    private static readonly char[] Forms = MakeForms();

    /// <summary>The ASCII form of a character, the character itself, or NUL for one that is not seen.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the character begins.</param>
    /// <param name="end">Where it ends: a surrogate pair is one character.</param>
    public static char Fold(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at + 1;
        if (!char.IsSurrogate(text[at]))
        {
            return Forms[text[at]];
        }

        // Beyond the first plane there are digits and letters in other dress; whatever else is there no detector looks for.
        if (Rune.DecodeFromUtf16(text[at..], out Rune rune, out int length) != OperationStatus.Done)
        {
            return text[at];
        }

        end = at + length;
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark ? '\0'
            : Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber ? (char)('0' + (int)Rune.GetNumericValue(rune))
            : rune.Value is >= FirstMathematical and <= LastMathematical ? Letter((rune.Value - FirstMathematical) % 52)
            : text[at];
    }

    /// <summary>True for a mark that is drawn on the character before it.</summary>
    public static bool IsMark(ReadOnlySpan<char> text, int at) =>
        CharUnicodeInfo.GetUnicodeCategory(text[at]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    private static char[] MakeForms()
    {
        var forms = new char[char.MaxValue + 1];
        for (int c = 0; c < forms.Length; c++)
        {
            forms[c] = c < 0x80 || char.IsSurrogate((char)c) ? (char)c : FormOf((char)c);
        }

        for (int i = 0; i < Lookalikes.Length; i += 2)
        {
            forms[Lookalikes[i]] = Lookalikes[i + 1];
        }

        return forms;
    }

    private static char FormOf(char c) => CharUnicodeInfo.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.DecimalDigitNumber => (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)),
        UnicodeCategory.SpaceSeparator => ' ',
        UnicodeCategory.DashPunctuation => '-',
        UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => '\0',
        UnicodeCategory.OtherNumber when CharUnicodeInfo.GetDigitValue(c) is >= 0 and var digit => (char)('0' + digit),
        _ => c switch
        {
            '\u2212' => '-',
            '\u2024' or '\u3002' => '.',
            >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
            >= '\u24B6' and <= '\u24CF' => Letter(c - 0x24B6),
            >= '\u24D0' and <= '\u24E9' => Letter(26 + c - 0x24D0),
            _ => c,
        },
    };

    /// <summary>A to Z, then a to z.</summary>
    private static char Letter(int index) => (char)(index < 26 ? 'A' + index : 'a' + index - 26);
}
