namespace PolicyRouter.Audit.Reading;

/// <summary>A page, newest first; <see cref="NextCursor"/> is null on the last one.</summary>
public sealed record HistoryPage(IReadOnlyList<DecisionSummary> Decisions, string? NextCursor)
{
    /// <summary>For <see cref="HistoryQuery.NewerThan"/>; null on the newest page.</summary>
    public string? PreviousCursor { get; init; }

    /// <summary>What is older than this was not looked at, because it would have taken too long; null when everything was.</summary>
    public DateTimeOffset? SearchedTo { get; init; }
}
