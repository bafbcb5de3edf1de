using System.Collections.Frozen;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Postal addresses as they are written in the United States: "42 N. Elm Street, Apt 3B", "P.O. Box 77", "Springfield, IL 62704-1234" and ZIP codes after a state
/// or their label (45 CFR 164.514(b)(2)(i)(B): every geographic unit smaller than a state). Names of streets and towns begin with capitals here.
/// </summary>
internal static class AddressDetector
{
    private const int MostStreetWords = 5;
    private const int MostTownWords = 3;
    private const int LongestWord = 24;
    private const int ZipLength = 5;

    // A number that rather counts houses than things.
    private const int StreetNumber = 3;

    // USPS Publication 28, appendix C1: what kinds of street there are. Some say little behind a small number ("10 Key Points").
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Suffixes = WordSet.Of(
        "alley arcade ave avenue bayou blvd boulevard brook brooks burg burgs bypass canyon causeway cir circle circles court courts cove coves creek crescent crossing crossroad "
        + "ct dale dr drive drives estate estates expressway freeway gardens glen glens grove groves harbor harbors heights highway hill hills hollow hwy island islands isle "
        + "junction junctions knoll knolls lakes lane ln locks loop manor manors meadow meadows mews mills motorway mountain mountains orchard oval overpass park parks parkway "
        + "parkways passage path pike pine pines pkwy pl place plaza prairie ranch rapids rd ridge ridges river road roads rue shoal shoals shore shores skyway sq square squares "
        + "st stravenue street streets ter terrace throughway trafficway trail trl turnpike underpass valley valleys viaduct village villages ville vista walk walks way ways");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> WeakSuffixes = WordSet.Of(
        "annex beach bend bluff bluffs bottom branch bridge camp cape center centers cliff cliffs club common commons corner corners course crest curve dam divide extension "
        + "extensions fall falls ferry field fields flat flats ford fords forest forge forges fork forks fort garden gateway green greens haven inlet key keys lake land landing "
        + "light lights loaf lock lodge mall mill mission mount neck pass plain plains point points port ports radial ramp rapid rest route row run spring springs spur spurs "
        + "station stream summit trace track tunnel union unions view views wall well wells");

    private static readonly string[] Boxes = ["P.O. Box", "P. O. Box", "PO Box", "Post Office Box"];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Directions = WordSet.Of("n s e w ne nw se sw north south east west northeast northwest southeast southwest");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Units = WordSet.Of("apt apartment suite ste unit floor fl room rm bldg building lot");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> States = WordSet.Of(
        "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr");

    private static readonly string[] StateNames =
    [
        .. ("Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts "
            + "Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington Wisconsin Wyoming").Split(' '),
        "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Rhode Island", "South Carolina", "South Dakota", "West Virginia", "District of Columbia",
        "Puerto Rico",
    ];

    public static void Detect(ref ScanContext context, DigitGroup number)
    {
        if (!context.StartsWord(number.Start))
        {
            return;
        }

        if (number.Length <= 6)
        {
            Street(ref context, number);
            Box(ref context, number);
        }

        if (number.Length == ZipLength)
        {
            Zip(ref context, number);
        }
    }

    /// <summary>A house number, one to five words of a street's name, what kind of street it is, and perhaps a flat.</summary>
    private static void Street(ref ScanContext context, DigitGroup number)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = number.End;
        if (at < text.Length && char.IsAsciiLetterUpper(text[at]))
        {
            at++;
        }

        int names = 0;
        for (int word = 0; word <= MostStreetWords; word++)
        {
            int start = AfterSpace(text, at);
            int end = WordEnd(text, start);
            if (start == at || end == start)
            {
                return;
            }

            ReadOnlySpan<char> name = text[start..end];
            bool isSuffix = Suffixes.Contains(name) || (number.Length >= StreetNumber && WeakSuffixes.Contains(name));
            if (names > 0 && char.IsUpper(name[0]) && isSuffix && context.EndsWord(end))
            {
                end = Unit(text, Direction(text, AfterDot(text, end)));
                context.Add(number.Start, end, FindingType.StreetAddress, Confidence.High);
                return;
            }

            // A direction is no name of its own: "42 N. Elm Street".
            bool isDirection = Directions.Contains(name);
            if (!isDirection && !char.IsUpper(name[0]) && !IsOrdinal(name))
            {
                return;
            }

            names += isDirection && names == 0 ? 0 : 1;
            at = AfterDot(text, end);
        }
    }

    private static void Box(ref ScanContext context, DigitGroup number)
    {
        ReadOnlySpan<char> before = context.Text[..number.Start].TrimEnd(' ');
        foreach (string box in Boxes)
        {
            if (before.EndsWith(box, StringComparison.OrdinalIgnoreCase) && context.StartsWord(before.Length - box.Length))
            {
                context.Add(before.Length - box.Length, number.End, FindingType.StreetAddress, Confidence.High);
                return;
            }
        }
    }

    /// <summary>Behind a state, with the town before it; or behind its label.</summary>
    private static void Zip(ref ScanContext context, DigitGroup number)
    {
        ReadOnlySpan<char> text = context.Text;
        int end = number.End;
        if (end + ZipLength <= text.Length && text[end] == '-' && text[(end + 1)..(end + ZipLength)].IndexOfAnyExceptInRange('0', '9') < 0)
        {
            end += ZipLength;
        }

        if (!context.EndsWord(end))
        {
            return;
        }

        ReadOnlySpan<char> before = text[..number.Start].TrimEnd(' ');
        if (before.Length < number.Start && StateLength(context, before) is > 0 and var state)
        {
            context.Add(Town(context, before.Length - state), end, FindingType.Locality, Confidence.High);
        }
        else if (IsLabel(before.TrimEnd(':').TrimEnd(' ')))
        {
            context.Add(number.Start, end, FindingType.Locality, Confidence.High);
        }
    }

    /// <summary>How long the state is that the text ends with, in two capitals or written out; 0 for none.</summary>
    private static int StateLength(in ScanContext context, ReadOnlySpan<char> before)
    {
        if (before.Length >= 2 && context.StartsWord(before.Length - 2) && States.Contains(before[^2..]) && char.IsAsciiLetterUpper(before[^1]))
        {
            return 2;
        }

        int longest = 0;
        foreach (string name in StateNames)
        {
            if (name.Length > longest && before.EndsWith(name, StringComparison.Ordinal) && context.StartsWord(before.Length - name.Length))
            {
                longest = name.Length;
            }
        }

        return longest;
    }

    /// <summary>Where the town before a state begins; the state itself when none stands there.</summary>
    private static int Town(in ScanContext context, int state)
    {
        ReadOnlySpan<char> text = context.Text;
        int start = state;
        int at = text[..state].TrimEnd(" ,").Length;
        for (int word = 0; word < MostTownWords && at > 0 && at < start; word++)
        {
            int from = at;
            while (from > 0 && at - from < LongestWord && (char.IsLetter(text[from - 1]) || text[from - 1] is '\'' or '-' or '.'))
            {
                from--;
            }

            if (from == at || !char.IsUpper(text[from]) || Suffixes.Contains(text[from..at].TrimEnd('.')) || Units.Contains(text[from..at]))
            {
                break;
            }

            start = from;
            at = from > 0 && text[from - 1] == ' ' ? from - 1 : from;
        }

        return start;
    }

    private static bool IsLabel(ReadOnlySpan<char> before) =>
        before.EndsWith("zip", StringComparison.OrdinalIgnoreCase) || before.EndsWith("zip code", StringComparison.OrdinalIgnoreCase)
        || before.EndsWith("zipcode", StringComparison.OrdinalIgnoreCase) || before.EndsWith("postal code", StringComparison.OrdinalIgnoreCase);

    private static int Direction(ReadOnlySpan<char> text, int end)
    {
        int start = AfterSpace(text, end);
        int word = WordEnd(text, start);
        return word > start && char.IsUpper(text[start]) && Directions.Contains(text[start..word]) ? word : end;
    }

    private static int Unit(ReadOnlySpan<char> text, int end)
    {
        int start = end;
        while (start < text.Length && start - end < 2 && text[start] is ' ' or ',')
        {
            start++;
        }

        int word = WordEnd(text, start);
        bool isNumberSign = start < text.Length && text[start] == '#';
        if (!isNumberSign && !(word > start && Units.Contains(text[start..word])))
        {
            return end;
        }

        int value = AfterSpace(text, isNumberSign ? start + 1 : AfterDot(text, word));
        int last = value;
        while (last < text.Length && last - value < 6 && (char.IsAsciiLetterOrDigit(text[last]) || text[last] == '-'))
        {
            last++;
        }

        return last > value ? last : end;
    }

    private static int AfterSpace(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] == ' ' ? at + 1 : at;

    private static int AfterDot(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] == '.' && (at + 1 == text.Length || text[at + 1] is ' ' or ',') ? at + 1 : at;

    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && end - start < LongestWord && (char.IsLetterOrDigit(text[end]) || text[end] is '\'' or '-'))
        {
            end++;
        }

        return end;
    }

    private static bool IsOrdinal(ReadOnlySpan<char> word) => word.Length > 2 && char.IsAsciiDigit(word[0]) && word[^2..] is "st" or "nd" or "rd" or "th";
}
