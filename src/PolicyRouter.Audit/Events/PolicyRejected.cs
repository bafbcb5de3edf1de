namespace PolicyRouter.Audit.Events;

/// <summary>A policy folder was refused; the last good one stays in force.</summary>
public sealed record PolicyRejected : AuditEvent
{
    public required string? PolicyVersionInForce { get; init; }

    /// <summary><c>file:line:column CODE</c>, without the text of the files.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
    public required string Node { get; init; }
}
