using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>Where people live and what is used, with what follows from these alone, per policy compared.</summary>
/// <param name="Papers">The papers that hold.</param>
/// <param name="Offering">The deployments that offer every feature.</param>
internal sealed record Surroundings(Choice Features, Choice Zones, PaperMasks[] Papers, DeploymentSet[] Offering);

/// <summary>Everything about a request but its classes and its day.</summary>
internal sealed record Context(Surroundings In, Choice Purpose, Choice BusinessUnit)
{
    /// <summary>How many requests it stands for.</summary>
    public UInt128 Count => (UInt128)In.Features.Count * (ulong)In.Zones.Count * (ulong)Purpose.Count * (ulong)BusinessUnit.Count;

    /// <summary>Fewer is simpler to tell: what has to be unknown or unusual weighs more.</summary>
    public int Weight =>
        4 * In.Zones.Words.Count + (In.Zones.Words.Count == 0 ? 9 : 0) + (In.Zones.Words.Contains(Facts.Deployment.UnknownPlace) ? 5 : 0)
        + 3 * In.Features.Words.Count
        + (Purpose.Words.Count == 0 ? 6 : 0) + (BusinessUnit.Words.Count == 0 ? 1 : 0);

    /// <summary>As the engine of one policy sees it, of every class at once.</summary>
    public RequestBits Bits(int policy, ulong approvals) =>
        new(ulong.MaxValue, In.Zones.Bits[policy], Purpose.Bits[policy], In.Features.Bits[policy], BusinessUnit.Bits[policy], approvals);
}

/// <summary>One request with its choices, for which something was found.</summary>
internal sealed record Found(DayInterval Day, Context Context, Choice Classes, int Deployment)
{
    /// <summary>True when it takes a break-glass token for it to happen, which is further away than any day.</summary>
    public bool NeedsOverride { get; init; }

    /// <summary>Fewer is simpler: labels first, then everything else.</summary>
    public int Weight(DateOnly today) =>
        (Day.Contains(today) ? 0 : 20) + (NeedsOverride ? 40 : 0) + 10 * Classes.Words.Count + (Classes.Words.Count == 0 ? 25 : 0) + Context.Weight;

    public PolicyRequest Request(DateOnly today) => new()
    {
        Day = Day.Near(today),
        DeclaredClasses = Classes.Words,
        Subjects = Context.In.Zones.Words,
        Purpose = Context.Purpose.Words is [var purpose] ? purpose : null,
        BusinessUnit = Context.BusinessUnit.Words is [var unit] ? unit : null,
        Features = Context.In.Features.Words,
    };
}
