namespace PolicyRouter.Audit.Events;

/// <summary>Somebody took history out of the system. Recorded before the first row leaves.</summary>
public sealed record HistoryExported : AuditEvent
{
    public required string Reader { get; init; }

    /// <summary><c>ndjson</c>, <c>csv</c> or <c>parquet</c>.</summary>
    public required string Format { get; init; }

    /// <summary>What was asked for: <c>from=...&amp;to=...</c>; empty for everything.</summary>
    public required string Query { get; init; }
}
