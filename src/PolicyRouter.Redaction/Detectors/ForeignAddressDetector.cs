using System.Buffers;
using System.Collections.Frozen;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Postal addresses as they are written in Spanish, German, French, Italian, Portuguese, Dutch and Polish: "Calle Mayor, 12", "Hauptstraße 5a", "12 rue de la Paix",
/// "Via Roma 10", "Kerkstraat 8", "ul. Długa 5/7", and a postcode beside a town: "28013 Madrid", "1012 AB Amsterdam", "00-950 Warszawa", "SW1A 1AA".
/// </summary>
internal static class ForeignAddressDetector
{
    private const int MostWords = 6;
    private const int LongestWord = 32;
    private const int LongestHouseNumber = 5;

    // What kind of street it is, before its name. The number follows the name.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Before = WordSet.Of(
        "calle c/ avenida avda avd av paseo pº plaza pza camino carretera ctra ronda travesía travesia glorieta alameda callejón callejon urbanización cuesta muelle pasaje rambla "
        + "via viale piazza piazzale corso largo vicolo strada lungomare contrada borgo "
        + "rua travessa praça praca estrada rodovia quadra alameda ladeira beco largo "
        + "rue avenue boulevard bd allée allee chemin impasse quai cours route place passage square faubourg sentier "
        + "ul ulica al aleja aleje pl plac os osiedle rondo bulwar "
        + "straße strasse weg platz am an auf im zum zur in unter hinter alte neue grote korte lange oude nieuwe");

    // The same before a name, but the number stands first.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AfterNumber = WordSet.Of(
        "rue avenue av boulevard bd allée allee chemin impasse quai cours route place passage square faubourg sentier voie cité hameau résidence");

    // What kind of street it is, at the end of its name: German and Dutch.
    private static readonly string[] Endings =
    [
        "straße", "strasse", "str", "weg", "platz", "gasse", "allee", "ring", "damm", "ufer", "steig", "stieg", "graben", "markt", "chaussee", "promenade", "hof", "berg",
        "straat", "laan", "plein", "gracht", "kade", "dreef", "singel", "steeg", "dijk", "hof", "pad", "park", "gaarde", "vägen", "gatan",
    ];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Particles = WordSet.Of(
        "de del la las los el do da dos das di dei degli della delle du des d l le les von vom van der den dem des zu zur św sw gen ks sw. y e et i of 't");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> UnitWords = WordSet.Of(
        "piso puerta esc escalera planta apto apartamento bloque interno int scala appartamento appt apt appartement bâtiment bat étage wohnung whg stock etage bus huis lok lokal m mieszkanie sala bloco andar casa");

    private static readonly SearchValues<char> HouseNumberEnds = SearchValues.Create(" ,;.\n\r\t)\"'<|");

    /// <summary>Looks at a number that may be a house number or a postcode.</summary>
    public static void Detect(ref ScanContext context, DigitGroup number)
    {
        if (!context.StartsWord(number.Start))
        {
            return;
        }

        if (number.Length <= LongestHouseNumber - 1)
        {
            int end = HouseNumberEnd(context.Text, number.End);
            int start = end > 0 ? StreetBefore(context, number.Start) : number.Start;
            if (start < number.Start)
            {
                context.Add(start, Units(context.Text, end), FindingType.StreetAddress, Confidence.Medium);
                return;
            }

            StreetAfter(ref context, number);
        }

        Postcode(ref context, number);
    }

    /// <summary>Behind "12", "12a", "12-14", "5/7", "12 bis"; 0 when the number goes on otherwise.</summary>
    private static int HouseNumberEnd(ReadOnlySpan<char> text, int end)
    {
        int at = end;
        if (at < text.Length && text[at] is '/' or '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
        {
            at++;
            while (at < text.Length && at - end < LongestHouseNumber && char.IsAsciiDigit(text[at]))
            {
                at++;
            }
        }

        at += at < text.Length && char.IsAsciiLetter(text[at]) ? 1 : 0;
        bool isDecimal = at + 1 < text.Length && text[at] is '.' or ',' && char.IsAsciiDigit(text[at + 1]);
        return (at == text.Length || HouseNumberEnds.Contains(text[at])) && !isDecimal ? at : 0;
    }

    /// <summary>"Piso 3", "Esc. 12", "Puerta 4", "interno 5", "appt 6", at most two of them.</summary>
    private static int Units(ReadOnlySpan<char> text, int end)
    {
        for (int i = 0; i < 2; i++)
        {
            int at = end;
            while (at < text.Length && at - end < 2 && text[at] is ' ' or ',' or '.')
            {
                at++;
            }

            int word = WordEnd(text, at);
            int value = word;
            while (value < text.Length && value - word < 2 && text[value] is ' ' or '.')
            {
                value++;
            }

            int last = value;
            while (last < text.Length && last - value < LongestHouseNumber && (char.IsAsciiLetterOrDigit(text[last]) || text[last] is 'º' or 'ª'))
            {
                last++;
            }

            if (at == end || last == value || !char.IsAsciiDigit(text[value]) || !UnitWords.Contains(text[at..word]))
            {
                return end;
            }

            end = last;
        }

        return end;
    }

    /// <summary>Where a street that ends before this house number begins; the number itself when none does.</summary>
    private static int StreetBefore(in ScanContext context, int number)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = SkipBack(text, number);
        int names = 0;
        for (int word = 0; word < MostWords && at > 0; word++)
        {
            int start = WordStart(text, at);
            ReadOnlySpan<char> name = text[start..at];
            if (name.IsEmpty)
            {
                break;
            }

            ReadOnlySpan<char> bare = name.TrimEnd('.');
            if (word == 0 && char.IsUpper(name[0]) && HasEnding(bare))
            {
                return start;
            }

            if (names > 0 && Before.Contains(bare) && (char.IsUpper(name[0]) || IsMostlyLower(bare)))
            {
                return start;
            }

            bool isName = char.IsUpper(name[0]) || char.IsDigit(name[0]);
            if (!isName && !Particles.Contains(bare))
            {
                break;
            }

            names += isName ? 1 : 0;
            int before = start > 0 && text[start - 1] == ' ' ? start - 1 : start;
            if (before == start)
            {
                break;
            }

            at = before;
        }

        return number;
    }

    // "Am Markt 3" is an address; "in Room 12" is not: these stand with a capital, the kinds of street may not.
    private static bool IsMostlyLower(ReadOnlySpan<char> word) =>
        !(word.Length <= 3 && (word.Equals("am", StringComparison.Ordinal) || word.Equals("an", StringComparison.Ordinal) || word.Equals("im", StringComparison.Ordinal)
            || word.Equals("in", StringComparison.Ordinal) || word.Equals("auf", StringComparison.Ordinal) || word.Equals("os", StringComparison.Ordinal)
            || word.Equals("zum", StringComparison.Ordinal) || word.Equals("zur", StringComparison.Ordinal) || word.Equals("via", StringComparison.Ordinal)));

    /// <summary>"12 rue de la Paix", "12, bis avenue Foch".</summary>
    private static void StreetAfter(ref ScanContext context, DigitGroup number)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = number.End;
        at += at < text.Length && text[at] == ',' ? 1 : 0;
        at = SkipSpace(text, at);
        if (text[at..].StartsWith("bis ", StringComparison.Ordinal) || text[at..].StartsWith("ter ", StringComparison.Ordinal))
        {
            at += 4;
        }

        int end = WordEnd(text, at);
        if (at == number.End || !AfterNumber.Contains(text[at..end].TrimEnd('.')))
        {
            return;
        }

        int last = end;
        bool hasName = false;
        for (int word = 0; word < MostWords; word++)
        {
            int start = SkipSpace(text, AfterApostrophe(text, end));
            end = WordEnd(text, start);
            if (end == start || (!char.IsUpper(text[start]) && !Particles.Contains(text[start..end].TrimEnd('\''))))
            {
                break;
            }

            hasName |= char.IsUpper(text[start]);
            last = char.IsUpper(text[start]) ? end : last;
        }

        if (hasName)
        {
            context.Add(number.Start, last, FindingType.StreetAddress, Confidence.Medium);
        }
    }

    /// <summary>Four to six digits before a town ("D-10115 Berlin", "1012 AB Amsterdam", "00-950 Warszawa"), or behind one ("Lisboa 1000-205").</summary>
    private static void Postcode(ref ScanContext context, DigitGroup number)
    {
        ReadOnlySpan<char> text = context.Text;
        int end = number.End;
        bool isSplit = end + 1 < text.Length && text[end] == '-' && char.IsAsciiDigit(text[end + 1]);
        if (isSplit)
        {
            end++;
            while (end < text.Length && end - number.End <= 4 && char.IsAsciiDigit(text[end]))
            {
                end++;
            }
        }

        bool hasForm = isSplit ? (number.Length, end - number.End - 1) is (2, 3) or (4, 3) or (5, 3) : number.Length is 4 or 5;
        if (!hasForm || !context.EndsWord(end))
        {
            return;
        }

        // "1012 AB": the letters of a Dutch postcode.
        if (number.Length == 4 && end + 3 <= text.Length && text[end] == ' ' && char.IsAsciiLetterUpper(text[end + 1]) && char.IsAsciiLetterUpper(text[end + 2]) && context.EndsWord(end + 3))
        {
            end += 3;
        }
        else if (number.Length == 4 && !isSplit)
        {
            return;
        }

        int town = TownEnd(context, end, isSplit);
        if (town > end)
        {
            context.Add(number.Start, town, FindingType.Locality, Confidence.Medium);
        }
    }

    /// <summary>Where a town behind a postcode ends; <paramref name="end"/> when none follows. Behind one with a dash any name will do that is no English word.</summary>
    private static int TownEnd(in ScanContext context, int end, bool isSplit)
    {
        ReadOnlySpan<char> text = context.Text;
        int start = end;
        start += start < text.Length && text[start] == ',' ? 1 : 0;
        start = SkipSpace(text, start);
        int word = WordEnd(text, start);
        bool isTown = start > end && word - start > 2 && char.IsUpper(text[start])
            && (isSplit ? (Gazetteer.Of(WordHash.Of(text[start..word])) & WordLists.Word) == 0 : IsTown(text[start..word]));
        if (!isTown)
        {
            return end;
        }

        int next = SkipSpace(text, word);
        int second = WordEnd(text, next);
        return second - next > 2 && char.IsUpper(text[next]) && IsTown(text[next..second]) ? second : word;
    }

    private static bool IsTown(ReadOnlySpan<char> word) => (Gazetteer.Of(WordHash.Of(word)) & WordLists.Town) != 0;

    private static bool HasEnding(ReadOnlySpan<char> name)
    {
        foreach (string ending in Endings)
        {
            if (name.Length > ending.Length + 1 && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // "Calle Mayor, 12", "Calle Mayor nº 12".
    private static int SkipBack(ReadOnlySpan<char> text, int at)
    {
        ReadOnlySpan<char> before = text[..at].TrimEnd(' ');
        foreach (string sign in (ReadOnlySpan<string>)["nº", "n°", "no.", "nr.", "nr", "n."])
        {
            before = before.EndsWith(sign, StringComparison.OrdinalIgnoreCase) ? before[..^sign.Length].TrimEnd(' ') : before;
        }

        before = before is [.., ','] ? before[..^1] : before;
        return at - before.Length is > 0 and < 8 ? before.Length : 0;
    }

    private static int SkipSpace(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] == ' ' ? at + 1 : at;

    private static int AfterApostrophe(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] is '\'' or '\u2019' ? at + 1 : at;

    private static int WordStart(ReadOnlySpan<char> text, int end)
    {
        int start = end;
        while (start > 0 && end - start < LongestWord && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '\'' or '\u2019' or '-' or '.' or 'º' || (text[start - 1] == '/' && start > 1 && text[start - 2] is 'c' or 'C')))
        {
            start--;
        }

        return start;
    }

    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && end - start < LongestWord && (char.IsLetter(text[end]) || text[end] is '-' or '\'' or '\u2019'))
        {
            end++;
        }

        return end;
    }
}
