using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>US Social Security numbers written 3-2-4. Nine digits in one run need a label, which the labelled detector sees to.</summary>
internal static class SsnDetector
{
    /// <returns>The last group of the number, or -1.</returns>
    public static int Detect(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        int last = first + 2;
        if (last >= groups.Count || groups[first].Length != 3 || groups[first + 1].Length != 2 || groups[last].Length != 4)
        {
            return -1;
        }

        char separator = groups.SingleSeparator(first);
        if (separator is not (' ' or '-' or '.') || groups.SingleSeparator(first + 1) != separator || !groups.StandAlone(first, last)
            || !context.StartsWord(groups[first].Start) || !context.EndsWord(groups[last].End))
        {
            return -1;
        }

        // Three numbers in a row of numbers look the same when only spaces divide them.
        if (separator == ' ' && groups.Count != 3)
        {
            return -1;
        }

        if (!SocialSecurity.IsIssuable(groups.Value(first), groups.Value(first + 1), groups.Value(last)))
        {
            return -1;
        }

        context.Add(groups[first].Start, groups[last].End, FindingType.UsSsn, separator == '-' ? Confidence.High : Confidence.Medium);
        return last;
    }
}
