namespace PolicyRouter.Policies.Deciding;

/// <summary>The facts of one request, as the rules see them. Everything a decision depends on besides the snapshot.</summary>
public sealed record PolicyRequest
{
    /// <summary>The legal day of admission: <see cref="PolicySnapshot.DayOf"/> of the instant.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Classes the caller's token carries at least.</summary>
    public IReadOnlyCollection<string> FloorClasses { get; init; } = [];

    /// <summary>Classes the request itself declares. They only ever add.</summary>
    public IReadOnlyCollection<string> DeclaredClasses { get; init; } = [];

    /// <summary>Classes that follow from what was found in the text. They only ever add.</summary>
    public IReadOnlyCollection<string> DetectedClasses { get; init; } = [];

    /// <summary>Zones where the people concerned live; empty means nobody said.</summary>
    public IReadOnlyCollection<string> Subjects { get; init; } = [];

    /// <summary>One purpose; null means nobody said.</summary>
    public string? Purpose { get; init; }

    /// <summary>Features used: <c>chat</c>, <c>tools</c>, <c>vision</c>, ...</summary>
    public IReadOnlyCollection<string> Features { get; init; } = [];

    /// <summary>The name in <c>model</c>: a route, a deployment id or <c>auto</c>; null asks about every deployment.</summary>
    public string? Route { get; init; }

    /// <summary>The part of the organisation the app belongs to; null when nobody said.</summary>
    public string? BusinessUnit { get; init; }

    /// <summary>The tenant whose own bounds apply; null or empty for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Approvals of this very request, checked. Each counts once, which whoever sends must see to.</summary>
    public IReadOnlyCollection<Approval> Approvals { get; init; } = [];

    /// <summary>A break-glass token, checked; null without one.</summary>
    public BreakGlass? BreakGlass { get; init; }

    /// <summary>Lines of the policy that have lowered labels of this request; null when none has.</summary>
    public LoweredLabels? Lowered { get; init; }

    /// <summary>The app asking (<c>sub</c> of its token); null in questions asked without one.</summary>
    public string? Caller { get; init; }
}
