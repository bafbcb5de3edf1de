using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Numbers written one digit at a time, "5 3 6 2 2 1 8 4 7" or "5-3-6-2-2-...", and in words, "five three six two ...". Nobody writes an amount or a measure like
/// that, so that seven digits are enough.
/// </summary>
internal static class SpacedDigitsDetector
{
    private const int Fewest = 7;
    private const int Most = 32;

    /// <returns>The last group of the number, or -1.</returns>
    public static int Detect(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        int last = first;
        Span<char> digits = stackalloc char[Most];
        int count = 0;
        while (last < groups.Count && count < Most && groups[last].Length == 1
            && (last == first || (groups.SingleSeparator(last - 1) is ' ' or '-' or '.' or '/' && groups.SingleSeparator(last - 1) == groups.SingleSeparator(first))))
        {
            digits[count++] = context.Text[groups[last++].Start];
        }

        last--;
        if (TypeOf(digits[..count]) is not { } type || !context.StartsWord(groups[first].Start) || !context.EndsWord(groups[last].End))
        {
            return -1;
        }

        context.Add(groups[first].Start, groups[last].End, type, Confidence.Medium);
        return last;
    }

    /// <summary>What so many digits are most likely to be; null when they rather count or mark something.</summary>
    public static FindingType? TypeOf(ReadOnlySpan<char> digits)
    {
        if (digits.Length < Fewest || IsSeries(digits))
        {
            return null;
        }

        return digits.Length switch
        {
            9 when SocialSecurity.IsIssuable(Value(digits[..3]), Value(digits[3..5]), Value(digits[5..])) => FindingType.UsSsn,
            10 or 11 => FindingType.Phone,
            _ => CardNumber.IsValid(digits) ? FindingType.PaymentCard : FindingType.OtherIdentifier,
        };
    }

    /// <summary>1 2 3 4 5 6 7, 7 6 5 ..., and rows of nothing but zeros and ones.</summary>
    private static bool IsSeries(ReadOnlySpan<char> digits)
    {
        bool rises = true;
        bool falls = true;
        bool isBinary = true;
        for (int i = 0; i < digits.Length; i++)
        {
            rises &= i == 0 || digits[i] == digits[i - 1] + 1;
            falls &= i == 0 || digits[i] == digits[i - 1] - 1;
            isBinary &= digits[i] is '0' or '1';
        }

        return rises || falls || isBinary;
    }

    private static int Value(ReadOnlySpan<char> digits) => int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
}
