using System.Globalization;

namespace PolicyRouter.Audit.Reading.Searching;

/// <summary>Durations of a search, in milliseconds: <c>250ms</c>, <c>2s</c>, <c>1.5m</c>, <c>1h</c>.</summary>
internal static class SearchDuration
{
    private static readonly (string Unit, long Milliseconds)[] Units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>Null when the text is no duration, or not a whole number of milliseconds.</summary>
    public static long? Read(string text)
    {
        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number <= long.MaxValue / milliseconds / 2 && number * milliseconds is var total && total == decimal.Truncate(total))
            {
                return (long)total;
            }
        }

        return null;
    }

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Print(long milliseconds)
    {
        var (unit, size) = Units.Last(unit => milliseconds % unit.Milliseconds == 0 && (unit.Milliseconds == 1 || milliseconds > 0));
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{unit}");
    }
}
