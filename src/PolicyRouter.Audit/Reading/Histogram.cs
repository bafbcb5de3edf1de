namespace PolicyRouter.Audit.Reading;

/// <summary>How many requests were decided in a span of time, by outcome.</summary>
/// <param name="From">Its begin; it ends where the next one begins.</param>
public sealed record HistogramBar(DateTimeOffset From, long Permitted, long Denied, long DryRuns)
{
    public long Total => Permitted + Denied + DryRuns;
}

/// <summary>Requests over time.</summary>
/// <param name="Bars">Equal spans, empty ones included, oldest first.</param>
/// <param name="IsEstimated">True when there are so many requests that a sample of them was counted.</param>
public sealed record Histogram(IReadOnlyList<HistogramBar> Bars, bool IsEstimated)
{
    /// <summary>Of requests that are at hand, all of which were decided in the time.</summary>
    public static Histogram Of(IEnumerable<DecisionSummary> decisions, DateTimeOffset from, DateTimeOffset to, int bars)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bars);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        var width = TimeSpan.FromMicroseconds(Math.Ceiling((to - from) / TimeSpan.FromMicroseconds(1) / bars));
        var byBar = decisions.ToLookup(decision => Math.Clamp((int)((decision.At - from) / width), 0, bars - 1), static decision => decision.Outcome);
        return new Histogram(
        [
            .. Enumerable.Range(0, bars).Select(bar => new HistogramBar(
                from + (width * bar),
                byBar[bar].Count(static outcome => outcome == "permit"),
                byBar[bar].Count(static outcome => outcome == "deny"),
                byBar[bar].Count(static outcome => outcome is not ("permit" or "deny")))),
        ], IsEstimated: false);
    }
}
