using System.Collections.Frozen;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Names of months in the languages of the labels, in full and as they are usually shortened (Unicode CLDR, calendars gregorian, widths wide and abbreviated). English ones
/// need a capital: "may 5 pass" is no date.
/// </summary>
internal static class MonthName
{
    private const int Longest = 12;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> English = WordSet.Of(
        "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec");

    // Spanish, German, French, Italian, Portuguese, Dutch, Polish (as in "12 marca"); also without marks, which the canonical text leaves out.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Others = WordSet.Of(
        "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre januar jänner janner februar märz marz mai juni juli oktober dezember "
        + "janvier février fevrier mars avril juin juillet août aout septembre octobre novembre décembre decembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre "
        + "janeiro fevereiro março marco maio junho julho setembro outubro novembro dezembro januari februari maart mei augustus stycznia lutego marca kwietnia maja czerwca lipca sierpnia "
        + "września wrzesnia października pazdziernika listopada grudnia styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień");

    // Too short, or too much of a word, to be a month without a year.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> OthersShort = WordSet.Of(
        "ene abr ago dic mrz mär janv févr fevr fév fev avr juil déc okt dez gen mag giu lug set ott out mrt sty lut kwi cze lip sie wrz paź lis gru");

    /// <summary>Start of the month name that ends before <paramref name="end"/>, with only a space, dash or dot between; or -1.</summary>
    /// <param name="isYear">True when a year follows, which months of every language stand before. A day stands behind an English month only.</param>
    public static int StartBefore(ReadOnlySpan<char> text, int end, bool isYear)
    {
        int wordEnd = end;
        while (wordEnd > 0 && end - wordEnd < 3 && text[wordEnd - 1] is ' ' or '-' or '.' or '/' or ',')
        {
            wordEnd--;
        }

        if (isYear && wordEnd < end && text[..wordEnd].EndsWith(" de", StringComparison.Ordinal))
        {
            wordEnd -= 3;
        }

        int start = wordEnd;
        while (start > 0 && wordEnd - start <= Longest && char.IsLetter(text[start - 1]))
        {
            start--;
        }

        ReadOnlySpan<char> word = text[start..wordEnd];
        bool isMonth = wordEnd < end && word.Length >= 3 && ((char.IsUpper(word[0]) && English.Contains(word)) || (isYear && Others.Contains(word) && !IsPlanet(word)));
        return isMonth ? start : -1;
    }

    /// <summary>End of the month name that starts after <paramref name="start"/>, with only a space, dash, "of" or "de" between; or -1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the day ends.</param>
    /// <param name="needsYear">True when the word is a month's name only with a year behind it.</param>
    public static int EndAfter(ReadOnlySpan<char> text, int start, out bool needsYear)
    {
        needsYear = false;
        int wordStart = start;
        while (wordStart < text.Length && wordStart - start < 2 && text[wordStart] is ' ' or '-' or '.' or '/')
        {
            wordStart++;
        }

        if (wordStart == start)
        {
            return -1;
        }

        if (text[wordStart..].StartsWith("of ", StringComparison.Ordinal) || text[wordStart..].StartsWith("de ", StringComparison.Ordinal))
        {
            wordStart += 3;
        }

        int end = wordStart;
        while (end < text.Length && end - wordStart <= Longest && char.IsLetter(text[end]))
        {
            end++;
        }

        ReadOnlySpan<char> word = text[wordStart..end];
        bool isEnglish = English.Contains(word);
        bool isOther = Others.Contains(word);
        needsYear = !(isEnglish && char.IsUpper(word[0])) && !(isOther && !IsPlanet(word));
        return isEnglish || isOther || OthersShort.Contains(word) ? end : -1;
    }

    // French writes its month in lower case.
    private static bool IsPlanet(ReadOnlySpan<char> word) => word.Equals("Mars", StringComparison.Ordinal);
}
