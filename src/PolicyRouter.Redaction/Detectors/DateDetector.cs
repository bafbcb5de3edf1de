using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Calendar dates: ISO 8601, month/day/year, day.month.year and day/month/year in digits, and with the month as an English word.
/// A date under a birth label is a date of birth.
/// </summary>
internal static class DateDetector
{
    /// <returns>The last group of the date, or -1.</returns>
    public static int DetectNumeric(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        int last = first + 2;
        if (last >= groups.Count)
        {
            return -1;
        }

        char separator = groups.SingleSeparator(first);
        if (separator is not ('-' or '/' or '.') || groups.SingleSeparator(first + 1) != separator
            || (first > 0 && groups.Separator(first - 1)[^1] == separator)
            || (last + 1 < groups.Count && groups.Separator(last)[0] == separator))
        {
            return -1;
        }

        bool isDate = groups[first].Length == 4
            ? IsYear(groups.Value(first)) && IsMonthAndDay(groups, first + 1, last)
            : IsMonthAndDay(groups, first, first + 1) && IsTrailingYear(groups, last, separator);
        int start = groups[first].Start;
        int end = groups[last].End;
        if (!isDate || !context.StartsWord(start) || context.At(start - 1) is '.' or '-' || !(context.EndsWord(end) || IsTime(context, end)))
        {
            return -1;
        }

        Add(ref context, start, end);
        return last;
    }

    /// <summary>A day or year next to the name of a month: "12 March 2024", "March 12, 2024", "12-Mar-24", "March 2024".</summary>
    public static void DetectWithMonthName(ref ScanContext context, DigitGroup group)
    {
        if (group.Length is not (1 or 2 or 4) || !context.StartsWord(group.Start))
        {
            return;
        }

        int value = int.Parse(context.Text.Slice(group.Start, group.Length), System.Globalization.CultureInfo.InvariantCulture);
        int before = MonthName.StartBefore(context.Text, group.Start);
        if (group.Length == 4)
        {
            if (before >= 0 && IsYear(value) && context.EndsWord(group.End))
            {
                Add(ref context, before, group.End);
            }

            return;
        }

        if (value is < 1 or > 31)
        {
            return;
        }

        int end = SkipOrdinal(context, group.End);
        if (before >= 0 && context.EndsWord(end))
        {
            Add(ref context, before, WithYear(context, end));
            return;
        }

        int month = MonthName.EndAfter(context.Text, end);
        if (month >= 0)
        {
            Add(ref context, group.Start, WithYear(context, month));
        }
    }

    private static void Add(ref ScanContext context, int start, int end)
    {
        bool isBirth = LabelReader.Before(context.Text, start, context.Key).Kind == LabelKind.BirthDate;
        context.Add(start, end, isBirth ? FindingType.DateOfBirth : FindingType.Date, isBirth ? Confidence.High : Confidence.Medium);
    }

    private static bool IsYear(int year) => year is >= 1850 and <= 2150;

    private static bool IsMonthAndDay(scoped DigitGroups groups, int first, int second)
    {
        if (groups[first].Length > 2 || groups[second].Length > 2)
        {
            return false;
        }

        int a = groups.Value(first);
        int b = groups.Value(second);
        return a is >= 1 and <= 31 && b is >= 1 and <= 31 && (a <= 12 || b <= 12);
    }

    // Two-digit years only after slashes: "1.2.10" is a version and "3-2-10" a score.
    private static bool IsTrailingYear(scoped DigitGroups groups, int index, char separator) =>
        groups[index].Length switch
        {
            4 => IsYear(groups.Value(index)),
            2 => separator == '/',
            _ => false,
        };

    private static bool IsTime(in ScanContext context, int end) => context.At(end) is 'T' or 't' && char.IsAsciiDigit(context.At(end + 1));

    private static int SkipOrdinal(in ScanContext context, int end) =>
        context.Text[end..] is ['s' or 'S', 't' or 'T', ..] or ['n' or 'N', 'd' or 'D', ..] or ['r' or 'R', 'd' or 'D', ..]
                or ['t' or 'T', 'h' or 'H', ..]
            && context.EndsWord(end + 2)
            ? end + 2
            : end;

    private static int WithYear(in ScanContext context, int end)
    {
        int at = end;
        while (at - end < 3 && context.At(at) is ' ' or ',' or '-' or '/' or '.')
        {
            at++;
        }

        int digits = 0;
        while (digits < 5 && char.IsAsciiDigit(context.At(at + digits)))
        {
            digits++;
        }

        bool isShort = digits == 2 && context.At(at - 1) is '-' or '/';
        bool isYear = at > end && (isShort || (digits == 4 && context.At(at) is '1' or '2')) && context.EndsWord(at + digits);
        return isYear ? at + digits : end;
    }
}
