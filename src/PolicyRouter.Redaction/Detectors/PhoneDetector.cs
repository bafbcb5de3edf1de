using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Telephone numbers: international ones after a plus sign (ITU-T E.164, up to 15 digits), North American ones by their grouping
/// (NANP: area and exchange start with 2 to 9), and ten digits in one run where a phone label is near.
/// </summary>
internal static class PhoneDetector
{
    private const int MinInternational = 8;
    private const int MaxInternational = 15;

    /// <returns>The last group of the number, or -1.</returns>
    public static int Detect(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        int start = groups[first].Start;
        char before = context.At(start - 1);
        if (before == '+' || (before == '(' && context.At(start - 2) == '+'))
        {
            return International(ref context, groups, first, before == '+' ? start - 1 : start - 2);
        }

        if (!context.StartsWord(start) || before is '$' or '€' or '£' || (before is '.' or ',' && char.IsAsciiDigit(context.At(start - 2))))
        {
            return -1;
        }

        return NorthAmerican(ref context, groups, first);
    }

    /// <summary>A number under a phone label, however it is grouped.</summary>
    public static bool IsLabelled(Label label, int digitCount) => label.Kind == LabelKind.Phone && digitCount is >= 7 and <= MaxInternational;

    private static int International(ref ScanContext context, scoped DigitGroups groups, int first, int start)
    {
        int total = 0;
        int best = -1;

        // Country code 1 has exactly ten digits after it; for the others the longest number that fits is taken.
        int longest = context.At(groups[first].Start) == '1' ? 11 : MaxInternational;
        for (int last = first; last < groups.Count; last++)
        {
            total += groups[last].Length;
            if (total > longest || (last > first && groups.Separator(last - 1).Contains('\t')))
            {
                break;
            }

            best = total >= MinInternational ? last : best;
        }

        if (best < 0 || groups[first].Start == start || context.Text[groups[first].Start] == '0' || !EndsNumber(context, groups[best].End)
            || ScanContext.IsWordCharacter(context.At(start - 1)))
        {
            return -1;
        }

        context.Add(start, WithExtension(context, groups[best].End), FindingType.Phone, Confidence.High);
        return best;
    }

    private static int NorthAmerican(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        int area = groups[first].Length == 1 && context.Text[groups[first].Start] == '1' ? first + 1 : first;
        int last = area + 2;
        if (last >= groups.Count)
        {
            return TenDigits(ref context, groups, first);
        }

        if (groups[area].Length != 3 || groups[area + 1].Length != 3 || groups[last].Length != 4
            || !StartsLikeNanp(context, groups[area]) || !StartsLikeNanp(context, groups[area + 1])
            || !groups.StandAlone(first, last) || !EndsNumber(context, groups[last].End))
        {
            return TenDigits(ref context, groups, first);
        }

        bool hasBrackets = groups.Separator(area).Contains(')') && context.At(groups[area].Start - 1) == '(';
        bool onlySpaces = groups.SingleSeparator(area) == ' ' && groups.SingleSeparator(area + 1) == ' ';
        if (!hasBrackets && groups.Separator(area).Length != 1 && !groups.Separator(area).Contains('-'))
        {
            return -1;
        }

        int start = hasBrackets && area == first ? groups[first].Start - 1 : groups[first].Start;
        bool isSure = hasBrackets || !onlySpaces || area != first || LabelReader.IsNear(context.Text, start, LabelKind.Phone);
        if (!isSure && groups.Count != 3)
        {
            return -1;
        }

        context.Add(start, WithExtension(context, groups[last].End), FindingType.Phone, isSure ? Confidence.High : Confidence.Medium);
        return last;
    }

    private static int TenDigits(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        DigitGroup group = groups[first];
        int skip = group.Length == 11 && context.Text[group.Start] == '1' ? 1 : 0;
        if (group.Length - skip != 10 || !groups.StandAlone(first, first) || !EndsNumber(context, group.End)
            || !StartsLikeNanp(context, group with { Start = group.Start + skip })
            || !StartsLikeNanp(context, group with { Start = group.Start + skip + 3 })
            || !LabelReader.IsNear(context.Text, group.Start, LabelKind.Phone))
        {
            return -1;
        }

        context.Add(group.Start, group.End, FindingType.Phone, Confidence.Medium);
        return first;
    }

    private static bool StartsLikeNanp(in ScanContext context, DigitGroup group) => context.Text[group.Start] is >= '2' and <= '9';

    private static bool EndsNumber(in ScanContext context, int end) =>
        context.EndsWord(end) || (context.At(end) is 'x' or 'X' && char.IsAsciiDigit(context.At(end + 1)));

    // "x123", "ext. 123": the extension belongs to the number.
    private static int WithExtension(in ScanContext context, int end)
    {
        int at = end;
        while (at - end < 2 && context.At(at) is ' ' or ',')
        {
            at++;
        }

        ReadOnlySpan<char> rest = context.Text[at..];
        int word = rest.StartsWith("extension", StringComparison.OrdinalIgnoreCase) ? 9
            : rest.StartsWith("ext", StringComparison.OrdinalIgnoreCase) ? 3
            : rest.StartsWith("x", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        if (word == 0)
        {
            return end;
        }

        at += word;
        for (int i = 0; i < 2 && context.At(at) is '.' or ' ' or ':'; i++)
        {
            at++;
        }

        int digits = 0;
        while (digits < 7 && char.IsAsciiDigit(context.At(at + digits)))
        {
            digits++;
        }

        return digits is > 0 and < 7 ? at + digits : end;
    }
}
