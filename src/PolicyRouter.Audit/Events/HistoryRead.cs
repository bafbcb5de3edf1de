namespace PolicyRouter.Audit.Events;

/// <summary>Somebody read history: who, what they asked for, how many rows they got.</summary>
public sealed record HistoryRead : AuditEvent
{
    public required string Reader { get; init; }
    public required string Query { get; init; }
    public required int Rows { get; init; }
}
