using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>Payment card numbers: a scheme's first digits and length, a right Luhn digit, and a grouping people write.</summary>
internal static class PaymentCardDetector
{
    /// <summary>Looks for a card from the group <paramref name="first"/> on.</summary>
    /// <returns>The last group of the card, or -1.</returns>
    public static int Detect(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        // No scheme's numbers begin with another digit.
        if (context.Text[groups[first].Start] is < '2' or > '6')
        {
            return -1;
        }

        Span<char> digits = stackalloc char[CardNumber.MaxLength];
        int total = 0;
        int best = -1;
        for (int last = first; last < groups.Count; last++)
        {
            total += groups[last].Length;
            if (total > CardNumber.MaxLength || !IsJoint(groups, first, last))
            {
                break;
            }

            if (total >= CardNumber.MinLength
                && HasCardGrouping(groups, first, last)
                && IsOwnNumber(groups, first, last)
                && CardNumber.IsValid(digits[..groups.CopyDigits(first, last, digits)]))
            {
                best = last;
            }
        }

        if (best >= 0 && context.StartsWord(groups[first].Start) && context.EndsWord(groups[best].End))
        {
            context.Add(groups[first].Start, groups[best].End, FindingType.PaymentCard, Confidence.High);
            return best;
        }

        return -1;
    }

    /// <summary>A number of a card's length under a card's label is one even when a digit is wrong.</summary>
    public static bool IsLabelled(Label label, int digitCount) =>
        label.Kind == LabelKind.Card && digitCount is >= CardNumber.MinLength and <= CardNumber.MaxLength;

    // One run of digits is a card behind a dash too ("2024-4111..."), but not behind a decimal point.
    private static bool IsOwnNumber(scoped DigitGroups groups, int first, int last) =>
        groups.StandAlone(first, last)
        || (first == last
            && (first == 0 || groups.Separator(first - 1)[^1] != '.')
            && (last == groups.Count - 1 || groups.Separator(last)[0] != '.'));

    // The same separator everywhere; several characters (" - ") only between groups of four, for columns of small numbers look the same.
    private static bool IsJoint(scoped DigitGroups groups, int first, int last) =>
        last == first
        || (groups.Separator(last - 1).SequenceEqual(groups.Separator(first)) && groups.Separator(first).IndexOfAny('\t', '(', ')') < 0
            && (groups.Separator(first).Length == 1 || groups[first].Length == 4));

    // One run; or 4-4-4-4(-1..3), 4-6-5, 4-6-4, 4-4-5; or equal small groups such as a digit at a time.
    private static bool HasCardGrouping(scoped DigitGroups groups, int first, int last)
    {
        int count = last - first + 1;
        if (count == 1)
        {
            return true;
        }

        int length = groups[first].Length;
        if (count == 3 && length == 4)
        {
            return (groups[first + 1].Length, groups[last].Length) is (6, 5) or (6, 4) or (4, 5);
        }

        for (int i = first + 1; i < last; i++)
        {
            if (groups[i].Length != length)
            {
                return false;
            }
        }

        return length is 1 or 2 or 4 && groups[last].Length <= length;
    }
}
