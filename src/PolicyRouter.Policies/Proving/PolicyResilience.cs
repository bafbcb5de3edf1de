using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>What is left of one flow when things fail.</summary>
/// <param name="Route">A route, or <c>auto</c>.</param>
/// <param name="Label">The data class asked about.</param>
/// <param name="Classes">Final classes the flow carries.</param>
/// <param name="Purpose">The purpose under which most deployments are permitted.</param>
/// <param name="Permitted">Permitted deployments that have an endpoint, in order.</param>
/// <param name="IndependentDomains">The fewest failure domains that take all of them down.</param>
/// <param name="LeftAfter">Per failure domain: who is left when it is lost.</param>
public sealed record FlowResilience(
    string Route, string Label, IReadOnlyList<string> Classes, string? Purpose, IReadOnlyList<string> Permitted, int IndependentDomains,
    IReadOnlyDictionary<string, IReadOnlyList<string>> LeftAfter)
{
    /// <summary>Failure domains whose loss alone leaves nobody: the cloud, region, identity plane or lab that everything hangs on.</summary>
    public IReadOnlyList<string> SinglePointsOfFailure => [.. LeftAfter.Where(static left => left.Value.Count == 0).Select(static left => left.Key)];

    /// <summary>The request that stands for the flow.</summary>
    public required PolicyRequest Request { get; init; }

    /// <summary>True when only one deployment may receive it at all.</summary>
    public bool HasOneRoute => Permitted.Count == 1;

    /// <summary>Who may receive the flow on another day.</summary>
    internal IReadOnlyList<string> PermittedOn(PolicySnapshot policy, DateOnly day) => [.. Availability.Reachable(policy, Request with { Day = day })];
}

/// <summary>Names the single points of failure of every route and data class (Regulation (EU) 2022/2554, DORA, Art 29).</summary>
public static class PolicyResilience
{
    private const int MostDomainsTried = 3;

    /// <summary>One flow per route and class that anybody may receive that day, for people of the zone and the purpose most deployments are open to.</summary>
    public static IReadOnlyList<FlowResilience> Of(PolicySnapshot policy, DateOnly day)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return
        [
            .. policy.Routes.Keys.Append(PolicySnapshot.AnyDeployment).Order(StringComparer.Ordinal)
                .SelectMany(route => policy.Classes.Order(StringComparer.Ordinal).Select(label => Flow(policy, day, route, label))),
        ];
    }

    private static FlowResilience Flow(PolicySnapshot policy, DateOnly day, string route, string label)
    {
        var best = Requests(policy, day, route, label)
            .Select(request => (Request: request, Permitted: Availability.Reachable(policy, request).ToArray()))
            .MaxBy(static answer => answer.Permitted.Length);
        return new(
            route, label, policy.Decide(best.Request).Classes.Final, best.Request.Purpose, best.Permitted, Independent(policy, best.Permitted),
            Availability.Domains(policy, best.Permitted).ToDictionary(
                static domain => domain,
                domain => (IReadOnlyList<string>)[.. best.Permitted.Where(id => !policy.Endpoints[id].FailsWith.Contains(domain))], StringComparer.Ordinal))
        {
            Request = best.Request,
        };
    }

    private static IEnumerable<PolicyRequest> Requests(PolicySnapshot policy, DateOnly day, string route, string label) =>
        from purpose in policy.Purposes.Order(StringComparer.Ordinal).DefaultIfEmpty()
        from zone in policy.Zones.Order(StringComparer.Ordinal).DefaultIfEmpty()
        from unit in policy.BusinessUnits.Order(StringComparer.Ordinal).DefaultIfEmpty()
        select new PolicyRequest
        {
            Day = day,
            DeclaredClasses = [label],
            Purpose = purpose,
            BusinessUnit = unit,
            Subjects = zone is null ? [] : [zone],
            Features = policy.Features.Contains("chat") ? ["chat"] : [.. policy.Features.Order(StringComparer.Ordinal).Take(1)],
            Route = route,
        };

    /// <summary>How many domains must fail together before nobody is left: 1 is a single point of failure. Beyond three nobody asks.</summary>
    private static int Independent(PolicySnapshot policy, string[] permitted)
    {
        if (permitted.Length == 0)
        {
            return 0;
        }

        string[] domains = [.. Availability.Domains(policy, permitted)];
        IEnumerable<HashSet<string>> lost = [[]];
        for (var count = 1; count < MostDomainsTried; count++)
        {
            lost = [.. lost.SelectMany(set => domains.Where(domain => set.All(other => string.CompareOrdinal(other, domain) < 0)).Select(domain => new HashSet<string>(set) { domain }))];
            if (lost.Any(set => permitted.All(id => policy.Endpoints[id].FailsWith.Any(set.Contains))))
            {
                return count;
            }
        }

        return permitted.Any(id => policy.Endpoints[id].FailsWith.Count == 0) || domains.Length >= MostDomainsTried ? MostDomainsTried : domains.Length;
    }
}
