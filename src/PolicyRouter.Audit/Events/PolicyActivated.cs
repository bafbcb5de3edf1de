namespace PolicyRouter.Audit.Events;

/// <summary>A policy snapshot came into force on this node.</summary>
public sealed record PolicyActivated : AuditEvent
{
    public required string PolicyVersion { get; init; }
    public required string? PreviousVersion { get; init; }
    public required string Node { get; init; }
}
