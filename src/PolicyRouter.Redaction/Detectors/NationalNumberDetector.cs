using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>Identity numbers of countries that prove themselves by their check digits, and Medicare and vehicle numbers: no label is needed.</summary>
internal static class NationalNumberDetector
{
    private const int Longest = 20;

    /// <summary>Numbers with letters in them, as one token: "12345678Z", "1EG4-TE5-MK73".</summary>
    public static void DetectToken(ref ScanContext context, Range token)
    {
        ReadOnlySpan<char> text = context.Text[token];
        if (text.Length is < 9 or > Longest || !context.StartsWord(token.Start.Value) || !context.EndsWord(token.End.Value))
        {
            return;
        }

        Span<char> compact = stackalloc char[Longest];
        int length = 0;
        foreach (char c in text)
        {
            if (c != '-')
            {
                compact[length++] = char.ToUpperInvariant(c);
            }
        }

        ReadOnlySpan<char> id = compact[..length];
        FindingType? type = length switch
        {
            9 when NationalNumbers.IsSpanish(id) || NationalNumbers.IsBritish(id) => FindingType.OtherIdentifier,
            11 when NationalNumbers.IsMedicare(id) => FindingType.HealthPlanNumber,
            16 when NationalNumbers.IsItalian(id) => FindingType.OtherIdentifier,
            17 when NationalNumbers.IsVehicle(id) && id.IndexOfAnyExceptInRange('0', '9') >= 0 => FindingType.OtherIdentifier,
            _ => null,
        };
        if (type is { } found)
        {
            context.Add(token.Start.Value, token.End.Value, found, Confidence.High);
        }
    }

    /// <summary>Numbers of digits alone, in the groups they are written in.</summary>
    /// <returns>The last group of the number, or -1.</returns>
    public static int DetectDigits(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        Span<char> digits = stackalloc char[Longest];
        int total = 0;
        for (int last = first; last < groups.Count && total < Longest; last++)
        {
            total += groups[last].Length;
            if (last > first && groups.SingleSeparator(last - 1) is not (' ' or '-' or '.'))
            {
                return -1;
            }

            if (total is >= 9 and <= 15 && groups.StandAlone(first, last) && IsWritten(groups, first, last)
                && Proves(digits[..groups.CopyDigits(first, last, digits)], groups, first, last)
                && context.StartsWord(groups[first].Start) && context.EndsWord(groups[last].End))
            {
                context.Add(groups[first].Start, groups[last].End, FindingType.OtherIdentifier, last > first ? Confidence.High : Confidence.Medium);
                return last;
            }
        }

        return -1;
    }

    private static bool Proves(ReadOnlySpan<char> digits, scoped DigitGroups groups, int first, int last) => digits.Length switch
    {
        9 => last == first + 2 && NationalNumbers.IsCanadian(digits),
        10 => last == first + 1 && groups.SingleSeparator(first) == '-' && NationalNumbers.IsSwedish(digits),
        11 => NationalNumbers.IsBrazilian(digits) || (first == last && NationalNumbers.IsPolish(digits)),
        12 => last == first + 2 && NationalNumbers.IsIndian(digits),
        15 => NationalNumbers.IsFrench(digits),
        _ => false,
    };

    /// <summary>3-3-3 (Canada), 6-4 (Sweden), 3-3-3-2 (Brazil), 4-4-4 (India), 1-2-2-2-3-3-2 (France), or 11 or 15 in one run.</summary>
    private static bool IsWritten(scoped DigitGroups groups, int first, int last)
    {
        ReadOnlySpan<byte> shape = (last - first + 1, groups[first].Length) switch
        {
            (1, 11) => [11],
            (1, 15) => [15],
            (2, 6) => [6, 4],
            (3, 3) => [3, 3, 3],
            (3, 4) => [4, 4, 4],
            (4, 3) => [3, 3, 3, 2],
            (7, 1) => [1, 2, 2, 2, 3, 3, 2],
            _ => [],
        };
        for (int i = 0; i < shape.Length; i++)
        {
            if (groups[first + i].Length != shape[i])
            {
                return false;
            }
        }

        return shape.Length > 0;
    }
}
