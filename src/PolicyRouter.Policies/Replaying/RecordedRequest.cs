namespace PolicyRouter.Policies.Replaying;

/// <summary>A rule's approval that a recorded request held.</summary>
public sealed record HeldApproval(string Rule, string Role);

/// <summary>What the record of a decision says: the facts of the request, and what became of it.</summary>
public sealed record RecordedRequest
{
    /// <summary>The legal day it was decided for.</summary>
    public required DateOnly Day { get; init; }
    public required string Route { get; init; }
    public required string Caller { get; init; }
    public string? Tenant { get; init; }
    public string? BusinessUnit { get; init; }

    /// <summary>Labels as they were stated and found, before any lowering.</summary>
    public IReadOnlyList<string> FloorClasses { get; init; } = [];
    public IReadOnlyList<string> DeclaredClasses { get; init; } = [];
    public IReadOnlyList<string> DetectedClasses { get; init; } = [];

    /// <summary>Labels that the decision went by, after any lowering.</summary>
    public IReadOnlyList<string> FinalClasses { get; init; } = [];
    public IReadOnlyList<string> Subjects { get; init; } = [];
    public string? Purpose { get; init; }
    public IReadOnlyList<string> Features { get; init; } = [];
    public IReadOnlyList<HeldApproval> Approvals { get; init; } = [];

    /// <summary>Forbids that the break-glass token in use named; empty without one.</summary>
    public IReadOnlyList<string> BreakGlassRules { get; init; } = [];

    /// <summary>Ids of the deployments that the policy permitted.</summary>
    public required IReadOnlyList<string> Permitted { get; init; }

    /// <summary>Those of them that the request could go to: the record has duties for these only.</summary>
    public required IReadOnlyList<string> Planned { get; init; }
    public IReadOnlyList<RecordedRequestDuty> Duties { get; init; } = [];
}

/// <summary>A duty that bound a deployment.</summary>
public sealed record RecordedRequestDuty(string Deployment, string Rule, string? Redact);
