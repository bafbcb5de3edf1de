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
public sealed record Histogram(IReadOnlyList<HistogramBar> Bars, bool IsEstimated);
