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

    /// <summary>Still allowed, with other duties.</summary>
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
    string TestCase);

/// <summary>Every change in decisions between two policies, for every request on every date.</summary>
/// <param name="States">What was compared, counted exactly.</param>
/// <param name="Routes">Changes of what a name in <c>model</c> stands for, one sentence each.</param>
/// <param name="TooLarge">The dimension that is too large to enumerate; then nothing is known.</param>
public sealed record PolicyDifference(UInt128 States, IReadOnlyList<PolicyChange> Changes, IReadOnlyList<string> Routes, string? TooLarge)
{
    /// <summary>True when both are proved to decide the same, always.</summary>
    public bool IsNone => TooLarge is null && Changes.Count == 0 && Routes.Count == 0;

    /// <summary>True when something became allowed, with or without an override: such a change wants a second owner.</summary>
    public bool Loosens => TooLarge is not null || Changes.Any(static change => change.Kind is ChangeKind.NewlyAllowed or ChangeKind.NewlyAllowedWithOverride);
}
