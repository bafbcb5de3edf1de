namespace PolicyRouter.Audit.Events;

/// <summary>A policy snapshot came into force on this node.</summary>
public sealed record PolicyActivated : AuditEvent
{
    public required string PolicyVersion { get; init; }
    public required string? PreviousVersion { get; init; }
    public required string Node { get; init; }

    /// <summary>The id of the key whose signature of the whole folder was checked; null when the node asks for none, and for records of before it was kept.</summary>
    public string? SignedBy { get; init; }
}
