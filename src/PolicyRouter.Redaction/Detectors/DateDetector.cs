using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Calendar dates: ISO 8601, month/day/year, day.month.year and day/month/year in digits, and with the month as a word.
/// A date under a birth label is a date of birth; there it may also have a year of two digits, or eight digits in one run.
/// </summary>
internal static class DateDetector
{
    private const int LongestHl7Line = 512;
    private const int FieldsBeforeBirth = 7;

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
            : IsMonthAndDay(groups, first, first + 1) && IsTrailingYear(context, groups, first, separator);
        int start = groups[first].Start;
        int end = groups[last].End;
        if (!isDate || !context.StartsWord(start) || context.At(start - 1) is '.' or '-' || !(context.EndsWord(end) || IsTime(context, end)))
        {
            return -1;
        }

        Add(ref context, start, end);
        return last;
    }

    /// <summary>
    /// Eight digits in one run under a birth label: "19680312" (ISO 8601, basic format), "03121968", "12031968"; and the field of the birth date in an HL7 message (version 2, PID-7),
    /// which may have the time behind it.
    /// </summary>
    public static void DetectCompact(ref ScanContext context, DigitGroup group)
    {
        if (group.Length is not (8 or 12 or 14) || !context.StartsWord(group.Start) || !context.EndsWord(group.End))
        {
            return;
        }

        ReadOnlySpan<char> digits = context.Text.Slice(group.Start, group.Length);
        bool isYearFirst = IsYear(Number(digits[..4])) && IsMonthAndDay(Number(digits[4..6]), Number(digits[6..8]));
        bool isYearLast = group.Length == 8 && IsYear(Number(digits[4..8])) && IsMonthAndDay(Number(digits[..2]), Number(digits[2..4]));
        if ((isYearFirst || isYearLast) && (IsUnderBirth(context, group.Start) || IsHl7Birth(context.Text, group.Start)))
        {
            context.Add(group.Start, group.End, FindingType.DateOfBirth, Confidence.High);
        }
    }

    /// <summary>A day or year next to the name of a month: "12 March 2024", "March 12, 2024", "12-Mar-24", "March 2024".</summary>
    public static void DetectWithMonthName(ref ScanContext context, DigitGroup group)
    {
        if (group.Length is not (1 or 2 or 4) || !context.StartsWord(group.Start))
        {
            return;
        }

        int value = int.Parse(context.Text.Slice(group.Start, group.Length), System.Globalization.CultureInfo.InvariantCulture);
        int before = MonthName.StartBefore(context.Text, group.Start, isYear: group.Length == 4);
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

        int month = MonthName.EndAfter(context.Text, end, out bool needsYear);
        int whole = month < 0 ? -1 : WithYear(context, month);
        if (month >= 0 && (!needsYear || whole > month))
        {
            Add(ref context, group.Start, whole);
        }
    }

    private static void Add(ref ScanContext context, int start, int end)
    {
        bool isBirth = IsUnderBirth(context, start);
        context.Add(start, end, isBirth ? FindingType.DateOfBirth : FindingType.Date, isBirth ? Confidence.High : Confidence.Medium);
    }

    private static bool IsUnderBirth(in ScanContext context, int start) => LabelReader.Before(context.Text, start, context.Key).Kind == LabelKind.BirthDate;

    private static bool IsHl7Birth(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> line = text[Math.Max(0, start - LongestHl7Line)..start];
        line = line[(line.LastIndexOfAny('\n', '\r') + 1)..];
        return line.StartsWith("PID|", StringComparison.Ordinal) && line[^1] == '|' && line.Count('|') == FieldsBeforeBirth;
    }

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);

    private static bool IsYear(int year) => year is >= 1850 and <= 2150;

    private static bool IsMonthAndDay(scoped DigitGroups groups, int first, int second)
    {
        if (groups[first].Length > 2 || groups[second].Length > 2)
        {
            return false;
        }

        return IsMonthAndDay(groups.Value(first), groups.Value(second));
    }

    private static bool IsMonthAndDay(int a, int b) => a is >= 1 and <= 31 && b is >= 1 and <= 31 && (a <= 12 || b <= 12);

    // Two-digit years after slashes, in DD.MM.YY and under a birth label: elsewhere "1.2.10" is a version and "3-2-10" a score.
    private static bool IsTrailingYear(in ScanContext context, scoped DigitGroups groups, int first, char separator)
    {
        DigitGroup year = groups[first + 2];
        if (year.Length != 2)
        {
            return year.Length == 4 && IsYear(groups.Value(first + 2));
        }

        LabelKind label = separator == '/' ? LabelKind.None : LabelReader.Before(context.Text, groups[first].Start, context.Key).Kind;
        bool isDotted = separator == '.' && groups[first].Length == 2 && groups[first + 1].Length == 2 && groups.Value(first + 1) <= 12;
        return separator == '/' || label == LabelKind.BirthDate || (isDotted && label != LabelKind.Version);
    }

    private static bool IsTime(in ScanContext context, int end) => context.At(end) is 'T' or 't' && char.IsAsciiDigit(context.At(end + 1));

    private static int SkipOrdinal(in ScanContext context, int end) =>
        context.Text[end..] is ['s' or 'S', 't' or 'T', ..] or ['n' or 'N', 'd' or 'D', ..] or ['r' or 'R', 'd' or 'D', ..]
                or ['t' or 'T', 'h' or 'H', ..]
                or ['e' or 'E', 'r' or 'R', ..]
            && context.EndsWord(end + 2)
            ? end + 2
            : context.At(end) is 'º' or '°' or 'o' && context.At(end + 1) == ' ' ? end + 1 : end;

    private static int WithYear(in ScanContext context, int end)
    {
        int at = context.Text[end..].StartsWith(" de ", StringComparison.Ordinal) ? end + 3 : end;
        for (int limit = at + 3; at < limit && context.At(at) is ' ' or ',' or '-' or '/' or '.'; at++)
        {
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
