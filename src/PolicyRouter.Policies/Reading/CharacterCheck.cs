using System.Globalization;
using System.Text;

namespace PolicyRouter.Policies.Reading;

/// <summary>
/// Finds characters that make a file read differently from how it looks: tabs, smart quotes, invisible and direction-changing
/// characters, and words that mix look-alike letters of several scripts.
/// </summary>
internal static class CharacterCheck
{
    private const int MostPerFile = 20;

    public static void Check(SourceFile file, ProblemLog log)
    {
        var found = 0;
        var line = 1;
        var lineStart = 0;
        var text = file.Text;
        for (var i = 0; i < text.Length && found < MostPerFile; i++)
        {
            var c = text[i];
            if (c == '\n')
            {
                line++;
                lineStart = i + 1;
            }
            else if (IsWordStart(text, i) && MixedWordLength(text, i) is var length and > 0)
            {
                Report(length, "a word mixes letters of several alphabets that look alike", "type the word again on a plain keyboard");
            }
            else if (Objection(c, i + 1 < text.Length ? text[i + 1] : '\0') is var (what, instead))
            {
                Report(1, what, instead);
            }

            void Report(int length, string what, string instead)
            {
                found++;
                log.Add(file, line, i - lineStart + 1, length, ProblemCodes.Character, Severity.Error, what, instead);
            }
        }
    }

    /// <summary>The same for a quoted text with escapes: what they stand for is not written in the file, but is what people are shown.</summary>
    /// <param name="text">The text as it counts.</param>
    /// <param name="written">As it is written; what stands there as itself has been reported.</param>
    /// <param name="log">Told of the first character only.</param>
    public static void CheckEscapes(ScalarNode text, ReadOnlySpan<char> written, ProblemLog log)
    {
        var all = text.Text;
        for (var i = 0; i < all.Length; i++)
        {
            var next = i + 1 < all.Length ? all[i + 1] : '\0';
            var mixed = IsWordStart(all, i) ? MixedWordLength(all, i) : 0;
            var what = mixed > 0 ? "letters of another alphabet that look alike" : Objection(all[i], next)?.What;
            var length = mixed > 0 ? mixed : char.IsSurrogatePair(all[i], next) ? 2 : 1;
            if (what is not null && !written.Contains(all.AsSpan(i, length), StringComparison.Ordinal))
            {
                log.Error(text, ProblemCodes.Character, $"an escape hides {what}", "write the text as it reads");
                return;
            }
        }
    }

    private static (string What, string Instead)? Objection(char c, char next) => c switch
    {
        '\t' => ("a tab; YAML does not take tabs", "use spaces"),
        '\r' => next == '\n' ? null : ("a carriage return without a line feed", "end lines with a line feed"),
        '\u201C' or '\u201D' or '\u201E' or '\u201F' => ("a typographic double quote", "use \""),
        '\u2018' or '\u2019' or '\u201A' or '\u201B' => ("a typographic single quote", "use '"),
        '\u202A' or '\u202B' or '\u202C' or '\u202D' or '\u202E' or '\u2066' or '\u2067' or '\u2068' or '\u2069' or '\u200E' or '\u200F' or '\u061C' =>
            ($"the character U+{(int)c:X4}, which changes the direction of text", "delete it"),
        '\u0085' or '\u2028' or '\u2029' => ($"the unusual line end U+{(int)c:X4}", "end lines with a line feed"),
        '\u00A0' or '\u202F' or '\u3000' or (>= '\u2000' and <= '\u200A') => ($"the unusual space U+{(int)c:X4}", "use a plain space"),
        _ when c != '\n' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse =>
            ($"the invisible character U+{(int)c:X4}", "delete it"),
        _ when char.IsSurrogatePair(c, next) && new Rune(c, next) is var rune && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.PrivateUse =>
            ($"the invisible character U+{rune.Value:X}", "delete it"),
        _ => null,
    };

    private static bool IsWordStart(string text, int i) => char.IsLetter(text[i]) && (i == 0 || !char.IsLetter(text[i - 1]));

    /// <summary>The word's length when it holds both plain Latin letters and letters that imitate them; otherwise 0.</summary>
    private static int MixedWordLength(string text, int start)
    {
        var end = start;
        var latin = false;
        var lookalike = false;
        for (; end < text.Length && char.IsLetter(text[end]); end++)
        {
            latin |= char.IsAsciiLetter(text[end]);
            // Greek, Cyrillic, Armenian, Cherokee, and the full-width forms.
            lookalike |= text[end] is (>= '\u0370' and <= '\u058F') or (>= '\u13A0' and <= '\u13FF') or (>= '\uAB70' and <= '\uABBF')
                or (>= '\uFF21' and <= '\uFF5A');
        }

        return latin && lookalike ? end - start : 0;
    }
}
