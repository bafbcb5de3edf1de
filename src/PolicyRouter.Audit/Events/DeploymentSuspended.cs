namespace PolicyRouter.Audit.Events;

/// <summary>Nothing may be sent to a deployment from now on, by any node: the kill switch.</summary>
public sealed record DeploymentSuspended : AuditEvent
{
    public required string Deployment { get; init; }

    /// <summary>The operator; <c>policyrouter</c> when a rule of the registry asked for it.</summary>
    public required string By { get; init; }

    /// <summary>The operator's words, or <c>residency_mismatch</c>.</summary>
    public required string Reason { get; init; }
    public required string Node { get; init; }
}

/// <summary>A deployment that was suspended may be sent to again.</summary>
public sealed record DeploymentResumed : AuditEvent
{
    public required string Deployment { get; init; }
    public required string By { get; init; }
    public required string Reason { get; init; }
    public required string Node { get; init; }
}
