namespace PolicyRouter.Audit.Events;

/// <summary>
/// A request was decided. It means "authorised to send to <see cref="AuthorizedDeployment"/>", not "sent"; a missing outcome
/// must be read as "may have been sent".
/// </summary>
public sealed record RequestDecided : AuditEvent
{
    /// <summary><c>permit</c>, <c>deny</c> or <c>dry-run</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The contract's error code for a refusal (<c>no_permitted_provider</c>); null for a permit.</summary>
    public required string? RefusalCode { get; init; }
    public required string App { get; init; }
    public required string Tenant { get; init; }
    public required string PolicyVersion { get; init; }

    /// <summary>The legal day the policy was asked about, ISO 8601.</summary>
    public required string Day { get; init; }
    public required string Route { get; init; }
    public required string Wire { get; init; }
    public required bool Streaming { get; init; }
    public required IReadOnlyList<string> FloorClasses { get; init; }
    public required IReadOnlyList<string> DeclaredClasses { get; init; }
    public required IReadOnlyList<string> DetectedClasses { get; init; }
    public required IReadOnlyList<string> FinalClasses { get; init; }
    public required IReadOnlyList<string> Subjects { get; init; }
    public required string? Purpose { get; init; }
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Findings by type, as counts.</summary>
    public required IReadOnlyDictionary<string, int> FindingCounts { get; init; }

    /// <summary>Deployment ids in the order they will be tried.</summary>
    public required IReadOnlyList<string> Plan { get; init; }

    /// <summary>Why the plan has this order: <c>listed</c>, <c>cheapest</c>, ... and what was put back for its health.</summary>
    public required string PlanReason { get; init; }

    /// <summary>Deployments of the plan that nobody is sent to if another answers, because they are down or were ejected.</summary>
    public IReadOnlyList<string> Avoided { get; init; } = [];
    public required IReadOnlyList<DeniedCandidate> Denied { get; init; }

    /// <summary>Duties as <c>deployment: rule (redact profile)</c> facts, one per firing rule and deployment.</summary>
    public required IReadOnlyList<RecordedDuty> Duties { get; init; }

    /// <summary>The deployment whose first attempt this record authorises; null for refusals and dry runs.</summary>
    public required string? AuthorizedDeployment { get; init; }
    public required int Redactions { get; init; }
    public required long PromptBytes { get; init; }

    /// <summary><c>hmac-sha256:KEYID:HEX</c> of the request body.</summary>
    public required string PromptHash { get; init; }

    /// <summary>The same of the redacted body of the first attempt; null when nothing is sent.</summary>
    public required string? SentHash { get; init; }
    public required string Node { get; init; }

    // What follows is stored only when it says something, so that the bytes of a plain decision stay as they have always been.

    /// <summary>The part of the organisation the app belongs to; null when its token names none.</summary>
    public string? BusinessUnit { get; init; }

    /// <summary>Advisory rules that fired, per deployment: they warn and block nothing.</summary>
    public IReadOnlyList<DeniedCandidate> Advisory { get; init; } = [];

    /// <summary>Rules on trial that would have fired, per deployment: they have no effect.</summary>
    public IReadOnlyList<DeniedCandidate> Shadow { get; init; } = [];

    /// <summary>Deployments that the policy permits and the request cannot go to unchanged, with what they lack in fixed words.</summary>
    public IReadOnlyList<DeniedCandidate> Unsuitable { get; init; } = [];

    /// <summary>Forbids that the break-glass token switched off, per deployment.</summary>
    public IReadOnlyList<DeniedCandidate> Overridden { get; init; } = [];

    /// <summary>The break-glass token that came with the request and holds; null without one.</summary>
    public RecordedBreakGlass? BreakGlass { get; init; }

    /// <summary>The request that a client library sent again as this one; null when it is the first, or nothing says otherwise.</summary>
    public Guid? RetryOf { get; init; }

    /// <summary>Approvals that came with the request and hold. A permit uses them up.</summary>
    public IReadOnlyList<RecordedApproval> Approvals { get; init; } = [];
}
