using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

internal enum Effect
{
    Permit,
    Forbid,
    Require,
    Prefer,
}

/// <summary>How hard a forbid is.</summary>
internal enum Strength
{
    /// <summary>Nothing switches it off.</summary>
    Absolute,

    /// <summary>A break-glass token signed by two people may switch it off, for hours.</summary>
    Overridable,

    /// <summary>Warns and never blocks.</summary>
    Advisory,
}

/// <summary>What a <c>require</c> rule asks of the gateway.</summary>
internal sealed record Duty(string? Redact, string? Audit, int? KeepYears, int? RetentionDays)
{
    /// <summary>The role whose approval of this very request must be held before it is sent; null when none is asked for.</summary>
    public string? Approval { get; init; }

    /// <summary>Weakest first: merging takes the later one.</summary>
    public static string[] AuditLevels { get; } = ["standard", "full"];
}

/// <summary>One sentence of the policy: it fires when all of these hold unless any of those does, because of a reason and a law.</summary>
internal sealed record Rule
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required Effect Effect { get; init; }
    public Strength Strength { get; init; } = Strength.Absolute;

    /// <summary>True while the rule is on trial: evaluated and recorded, without effect. A shadowed permit grants nothing.</summary>
    public bool Shadow { get; init; }
    public required string Owner { get; init; }
    public required DateSpan InForce { get; init; }
    public required string Reason { get; init; }
    public required IReadOnlyList<string> Citation { get; init; }
    public required IReadOnlyList<Condition> WhenAll { get; init; }
    public required IReadOnlyList<Condition> UnlessAny { get; init; }

    /// <summary>Classes a permit speaks for; empty for the other effects.</summary>
    public IReadOnlyList<string> CoversData { get; init; } = [];

    /// <summary>Set on <c>require</c> rules only.</summary>
    public Duty? Duty { get; init; }

    /// <summary>What a <c>prefer</c> rule prefers: all of these hold of the deployment.</summary>
    public IReadOnlyList<DeploymentCondition> Prefer { get; init; } = [];

    /// <summary>
    /// What an unknown fact answers in <c>when all</c>: false where the rule helps the request, true where it restricts it. A
    /// preference does neither and does not act on guesses.
    /// </summary>
    public bool WhenUnknown => Effect is Effect.Forbid or Effect.Require;

    /// <summary>The same for <c>unless any</c>: an exception to a permit restricts, every other exception helps.</summary>
    public bool UnlessUnknown => Effect is Effect.Permit;
}
