namespace PolicyRouter.Audit.Retention;

/// <summary>How long events are kept at least (45 CFR 164.316(b)(2)(i): six years).</summary>
public static class RetentionPeriod
{
    /// <summary>Years that no setting goes below, development aside.</summary>
    public const int LeastYears = 6;

    /// <summary>Events from before this time are older than the retention.</summary>
    public static DateTimeOffset Begin(DateTimeOffset now, int years) => now.AddYears(-years);
}
