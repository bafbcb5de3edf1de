namespace PolicyRouter.Audit.Reporting;

/// <summary>
/// The period of a report, UTC, from inclusive, to exclusive, cut into equal intervals: the shortest usual length that makes at most
/// <see cref="MostIntervals"/> of them, counted from the beginning of the period.
/// </summary>
public sealed record ReportPeriod
{
    public const int MostIntervals = 48;

    private static readonly TimeSpan[] Lengths =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(6),
        TimeSpan.FromHours(12), TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(7), TimeSpan.FromDays(14), TimeSpan.FromDays(28),
        TimeSpan.FromDays(91), TimeSpan.FromDays(364),
    ];

    /// <exception cref="ArgumentException">The period does not end after it begins.</exception>
    public ReportPeriod(DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= from)
        {
            throw new ArgumentException("A period ends after it begins.", nameof(to));
        }

        From = from.ToUniversalTime();
        To = to.ToUniversalTime();
        var span = To - From;
        Interval = Lengths.FirstOrDefault(length => length * MostIntervals >= span, span / MostIntervals + TimeSpan.FromTicks(1));
    }

    public DateTimeOffset From { get; }
    public DateTimeOffset To { get; }

    /// <summary>Length of one interval; the last may be cut short by the end of the period.</summary>
    public TimeSpan Interval { get; }

    public int Intervals => (int)Math.Ceiling((To - From) / Interval);

    public DateTimeOffset StartOf(int interval) => From + (Interval * interval);

    internal int IntervalOf(DateTimeOffset time) => Math.Clamp((int)((time - From) / Interval), 0, Intervals - 1);
}
