using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Everything that has a digit in it. Reads the digit groups at a place, asks each detector about them independently
/// (one must not eat another's candidate), looks once per token for its label, and moves on behind the groups.
/// </summary>
internal static class NumberDetector
{
    private const int MaxTokenLead = 64;

    // When the buffer of groups is full, this many are read again so that no number is cut at its edge.
    private const int Overlap = 24;

    /// <summary>Looks at the digit at <paramref name="at"/>; returns where to read on.</summary>
    public static int Detect(ref ScanContext context, int at)
    {
        // What was replaced before is not found again.
        int placeholderEnd = PlaceholderFormat.EndAround(context.Text, at);
        if (placeholderEnd > at)
        {
            context.TokenFloor = placeholderEnd;
            return placeholderEnd;
        }

        bool isNewToken = at >= context.TokenFloor;
        Range token = default;
        if (isNewToken)
        {
            token = TokenAround(context, at);
            context.TokenFloor = token.End.Value;
        }

        Span<DigitGroup> buffer = stackalloc DigitGroup[DigitGroups.Capacity];
        DigitGroups groups = DigitGroups.Read(context.Text, at, buffer);
        for (int i = 0; i < groups.Count; i++)
        {
            DateDetector.DetectWithMonthName(ref context, groups[i]);
            DateDetector.DetectCompact(ref context, groups[i]);
            AddressDetector.Detect(ref context, groups[i]);
            ForeignAddressDetector.Detect(ref context, groups[i]);
            AgeDetector.Detect(ref context, groups[i]);
        }

        Each(ref context, groups, PaymentCardDetector.Detect);
        Each(ref context, groups, SsnDetector.Detect);
        Each(ref context, groups, PhoneDetector.Detect);
        Each(ref context, groups, SpacedDigitsDetector.Detect);
        Each(ref context, groups, NationalNumberDetector.DetectDigits);
        Each(ref context, groups, DateDetector.DetectNumeric);
        Each(ref context, groups, IpAddressDetector.DetectV4);
        IbanDetector.Detect(ref context, at);
        if (isNewToken)
        {
            NationalNumberDetector.DetectToken(ref context, token);
            if (LabelledNumberDetector.Detect(ref context, token, groups) != LabelKind.Version)
            {
                BareNumberDetector.Detect(ref context, token);
            }
        }

        return groups.Count == DigitGroups.Capacity ? groups[DigitGroups.Capacity - Overlap].Start : groups.End;
    }

    private delegate int GroupDetector(ref ScanContext context, scoped DigitGroups groups, int first);

    private static void Each(ref ScanContext context, scoped DigitGroups groups, GroupDetector detect)
    {
        for (int first = 0; first < groups.Count; first++)
        {
            int last = detect(ref context, groups, first);
            first = last < 0 ? first : last;
        }
    }

    /// <summary>Letters and digits around a place, with single joiners inside: "A-99812", "XEH-12/45".</summary>
    private static Range TokenAround(in ScanContext context, int at)
    {
        ReadOnlySpan<char> text = context.Text;
        int start = at;
        int floor = Math.Max(context.TokenFloor, at - MaxTokenLead);
        while (start > floor
            && (char.IsLetterOrDigit(text[start - 1])
                || (IsJoiner(text[start - 1]) && start - 1 > floor && char.IsLetterOrDigit(text[start - 2]))))
        {
            start--;
        }

        int end = at + 1;
        while (end < text.Length
            && (char.IsLetterOrDigit(text[end]) || (IsJoiner(text[end]) && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1]))))
        {
            end++;
        }

        return start..end;
    }

    private static bool IsJoiner(char c) => c is '-' or '_' or '.' or '/' or '#';
}
