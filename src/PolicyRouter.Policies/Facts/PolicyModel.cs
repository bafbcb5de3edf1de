using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Facts;

/// <summary>Everything a policy folder says, read and checked, before it is compiled. Order carries no meaning.</summary>
internal sealed record PolicyModel
{
    public required TimeZoneInfo LegalTimeZone { get; init; }
    public required IReadOnlyList<DataClass> Classes { get; init; }
    public required IReadOnlyList<string> Zones { get; init; }
    public required IReadOnlyList<string> Purposes { get; init; }
    public required IReadOnlyList<string> Features { get; init; }
    public IReadOnlyList<string> BusinessUnits { get; init; } = [];
    public IReadOnlyList<Lowering> Lowerings { get; init; } = [];
    public IReadOnlyList<Person> People { get; init; } = [];
    public IReadOnlyList<Tenant> Tenants { get; init; } = [];
    public required IReadOnlyList<Adequacy> Adequacies { get; init; }
    public required IReadOnlyList<Agreement> Agreements { get; init; }
    public required IReadOnlyList<Deployment> Deployments { get; init; }
    public required IReadOnlyList<Endpoint> Endpoints { get; init; }
    public required IReadOnlyList<Route> Routes { get; init; }
    public required IReadOnlyList<Rule> Rules { get; init; }

    public RedactionPolicy Redaction { get; init; } = RedactionPolicy.None;

    /// <summary>The cases and claims of <c>tests/</c>. They decide nothing.</summary>
    public PolicySuite Suite { get; init; } = PolicySuite.Empty;

    /// <summary>
    /// The policy that decides the requests of one tenant, or with null those without a tenant. Once there is a tenant file, a tenant without one is
    /// permitted nothing.
    /// </summary>
    public PolicyModel SeenBy(string? tenant) => this with { Rules = RulesOf(tenant), Tenants = [] };

    private IReadOnlyList<Rule> RulesOf(string? tenant) =>
        tenant is null || Tenants.Count == 0 ? Rules : Tenants.FirstOrDefault(one => one.Name == tenant)?.Apply(Rules) ?? [];

    /// <summary>Knows nothing and permits nothing.</summary>
    public static PolicyModel Empty { get; } = new()
    {
        LegalTimeZone = TimeZoneInfo.Utc,
        Classes = [],
        Zones = [],
        Purposes = [],
        Features = [],
        Adequacies = [],
        Agreements = [],
        Deployments = [],
        Endpoints = [],
        Routes = [],
        Rules = [],
    };
}
