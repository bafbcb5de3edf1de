namespace PolicyRouter.Audit.Reading;

/// <summary>A page, newest first; <see cref="NextCursor"/> is null on the last one.</summary>
public sealed record HistoryPage(IReadOnlyList<DecisionSummary> Decisions, string? NextCursor);
