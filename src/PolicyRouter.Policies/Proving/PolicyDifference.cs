using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>How a decision changes between two policies.</summary>
public enum ChangeKind
{
    /// <summary>A deployment may receive what it could not.</summary>
    NewlyAllowed,

    /// <summary>Only with an approval or under break-glass may a deployment receive what it could not even then.</summary>
    NewlyAllowedWithOverride,
    NewlyDenied,
    NewlyDeniedWithOverride,

    /// <summary>
    /// Still allowed, while less is done: a redaction, an approval or a rule that break-glass has to name is dropped, or a record is kept for less
    /// long or in less detail. One profile in the place of another counts as well, since nobody says which of two removes more.
    /// </summary>
    DutiesWeakened,

    /// <summary>Still allowed, with other duties, none of which was there before and is no more.</summary>
    DutiesChanged,

    /// <summary>Still allowed, preferred differently.</summary>
    OrderChanged,
}

/// <summary>One kind of change for one deployment: who and what it concerns, how often, and one story.</summary>
/// <param name="States">How many requests it concerns, an interval of days counting as one day.</param>
/// <param name="Classes">The smallest sets of labels it concerns.</param>
/// <param name="Days">Intervals as <c>2026-01-01..2026-12-31</c>, joined where they touch.</param>
/// <param name="Story">The simplest request, in one sentence.</param>
/// <param name="TestCase">The same as a case for <c>tests/</c> that holds the new decision in place.</param>
public sealed record PolicyChange(
    ChangeKind Kind,
    string Deployment,
    UInt128 States,
    IReadOnlyList<string> Classes,
    IReadOnlyList<string> Purposes,
    IReadOnlyList<string> Zones,
    IReadOnlyList<string> Days,
    PolicyRequest Request,
    string Story,
    string TestCase)
{
    /// <summary>Whose requests it concerns: names of tenants, the empty name for requests without one.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [""];

    /// <summary>True when more is allowed, or less is asked for what is allowed.</summary>
    public bool Loosens => Kind is ChangeKind.NewlyAllowed or ChangeKind.NewlyAllowedWithOverride or ChangeKind.DutiesWeakened;
}

/// <summary>Something the files say differently that no decision shows: who may sign, where an endpoint leads, what is redacted.</summary>
/// <param name="Text">One clause without a full stop.</param>
/// <param name="Loosens">True when it protects less, or cannot be told to protect as much.</param>
/// <param name="Tenant">The tenant in whose file it stands; null for the policy itself.</param>
public sealed record WrittenChange(string Text, bool Loosens, string? Tenant = null);

/// <summary>Every change in decisions between two policies, for every request on every date.</summary>
/// <param name="States">What was compared, counted exactly, for requests without a tenant and once more for each tenant.</param>
/// <param name="Routes">Changes of what a name in <c>model</c> stands for, one sentence each.</param>
/// <param name="TooLarge">The dimension that is too large to enumerate; then nothing is known.</param>
public sealed record PolicyDifference(UInt128 States, IReadOnlyList<PolicyChange> Changes, IReadOnlyList<string> Routes, string? TooLarge)
{
    /// <summary>What else is written differently, one sentence each.</summary>
    public IReadOnlyList<WrittenChange> Written { get; init; } = [];

    /// <summary>True when both are proved to decide the same, always, and say the same besides.</summary>
    public bool IsNone => TooLarge is null && Changes.Count == 0 && Routes.Count == 0 && Written.Count == 0;

    /// <summary>True when something became allowed, with or without an override, or less is done or asked for: such a change wants a second owner.</summary>
    public bool Loosens => TooLarge is not null || Changes.Any(static change => change.Loosens) || Written.Any(static change => change.Loosens);
}
