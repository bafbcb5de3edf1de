namespace PolicyRouter.Audit.Events;

/// <summary>A provider says that it ran a request where the registry says it does not, or that it may not run it where it would have to.</summary>
public sealed record ResidencyMismatch : AuditEvent
{
    public required Guid RequestId { get; init; }
    public required string Deployment { get; init; }
    public required string PolicyVersion { get; init; }

    /// <summary>The zones of the registry.</summary>
    public required IReadOnlyList<string> Claimed { get; init; }

    /// <summary>In the provider's words: <c>eu-west-1</c>, <c>global</c>; <c>refused</c> when it refused for residency.</summary>
    public required string Reported { get; init; }
}

/// <summary>A provider says that another model than the one asked for made the answer.</summary>
public sealed record ModelMismatch : AuditEvent
{
    public required Guid RequestId { get; init; }
    public required string Deployment { get; init; }
    public required string PolicyVersion { get; init; }

    /// <summary>Beginnings of the ids that were expected.</summary>
    public required IReadOnlyList<string> Expected { get; init; }
    public required string Reported { get; init; }
}
