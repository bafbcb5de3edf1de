using System.Globalization;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// A date as somebody wrote it, so that another date can be written in the same way: ISO 8601, day, month and year in digits, or with the month in English.
/// Where day and month could be exchanged, dots mean day first (as in Germany and Poland) and slashes and dashes mean month first (as in the United States).
/// </summary>
internal readonly record struct DateText(DateOnly Date, string Format)
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd",
        "MM/dd/yyyy", "M/d/yyyy", "dd/MM/yyyy", "d/M/yyyy", "MM-dd-yyyy", "M-d-yyyy", "dd-MM-yyyy", "d-M-yyyy", "dd.MM.yyyy", "d.M.yyyy",
        "MM/dd/yy", "M/d/yy", "dd.MM.yy", "d.M.yy",
        "MMMM d, yyyy", "MMM d, yyyy", "MMMM dd, yyyy", "MMM dd, yyyy", "MMMM d yyyy", "MMM d yyyy",
        "d MMMM yyyy", "d MMM yyyy", "dd MMMM yyyy", "dd MMM yyyy", "d-MMM-yyyy", "dd-MMM-yyyy", "dd-MMM-yy", "d-MMM-yy",
    ];

    /// <summary>Reads a date with day, month and year; false for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out DateText date)
    {
        foreach (string format in Formats)
        {
            if (DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
            {
                date = new DateText(day, format);
                return true;
            }
        }

        date = default;
        return false;
    }

    /// <summary>The date so many days later, written in the same way; null when the calendar ends before.</summary>
    public string? Moved(int days)
    {
        long day = (long)Date.DayNumber + days;
        return day >= DateOnly.MinValue.DayNumber && day <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)day).ToString(Format, CultureInfo.InvariantCulture)
            : null;
    }
}
