using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Facts;

/// <summary>One move of personal data that a transfer paper covers.</summary>
internal sealed record Transfer(string From, string To);

/// <summary>A signed paper with a provider: what it covers, and when. One paper must satisfy a rule alone; two halves do not add up.</summary>
internal sealed record Agreement
{
    public required string Id { get; init; }

    /// <summary><c>baa</c>, <c>dpa</c> or <c>transfer</c>.</summary>
    public required string Type { get; init; }
    public required string With { get; init; }
    public required DateSpan InForce { get; init; }
    public required DateOnly? ReviewBy { get; init; }
    public required DateOnly SignedOn { get; init; }

    /// <summary>The first day on which it no longer holds; null while nobody has terminated it.</summary>
    public required DateOnly? TerminatedOn { get; init; }
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>Null for <c>models: any</c>.</summary>
    public required IReadOnlyList<string>? Models { get; init; }
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Null when the paper names none; then a <c>transfer</c> paper reaches the places its transfers lead to, and others none.</summary>
    public required IReadOnlyList<string>? Regions { get; init; }
    public required IReadOnlyList<Transfer> Transfers { get; init; }

    /// <summary>Facts of the deployment that must all hold; an unknown fact does not hold.</summary>
    public required IReadOnlyList<DeploymentCondition> OnlyIf { get; init; }

    /// <summary>The days on which it holds: in force, signed and not terminated. Null when its dates leave none.</summary>
    public DateSpan? Days
    {
        get
        {
            var first = SignedOn > InForce.From ? SignedOn : InForce.From;
            if (TerminatedOn is not { } terminated || (InForce.Until is { } until && until < terminated))
            {
                return InForce.Until is { } last && last < first ? null : InForce with { From = first };
            }

            return terminated <= first ? null : new DateSpan(first, terminated.AddDays(-1));
        }
    }

    public bool HoldsOn(DateOnly day) => Days is { } days && days.Contains(day);

    /// <summary>The days on which the answer of <see cref="HoldsOn"/> changes.</summary>
    public IEnumerable<DateOnly> Edges() => Days?.Edges() ?? [];

    /// <summary>Right party, service and model, and every <c>only if</c>; dates, features and places apart.</summary>
    public bool Reaches(Deployment deployment) =>
        string.Equals(With, deployment.Provider, StringComparison.Ordinal)
        && Services.Contains(deployment.Service)
        && (Models is null || Models.Contains(deployment.Model))
        && OnlyIf.All(condition => condition.Holds(deployment, whenUnknown: false));

    /// <summary>True when every place of the deployment is a place the paper names. An unknown place never is.</summary>
    public bool CoversPlacesOf(Deployment deployment) => deployment.Places().All(CoversPlace);

    private bool CoversPlace(string place) =>
        place != Deployment.UnknownPlace
        && (Regions?.Contains(place) ?? Transfers.Any(transfer => transfer.To == place));
}
