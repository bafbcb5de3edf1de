using System.Collections.Frozen;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>Which deployments a name in <c>model</c> stands for, and in which order the permitted ones come. Order never permits.</summary>
internal sealed class RoutePlanner(PolicySnapshot snapshot)
{
    private readonly DeploymentSet _everyone = DeploymentSet.First(snapshot.Deployments.Count);
    private readonly FrozenDictionary<string, int> _index =
        snapshot.Deployments.Select(static (d, i) => KeyValuePair.Create(d.Id, i)).ToFrozenDictionary(StringComparer.Ordinal);
    private readonly FrozenDictionary<string, DeploymentSet> _candidates = snapshot.Routes.Values.ToFrozenDictionary(
        static route => route.Model,
        route => DeploymentSet.Where(snapshot.Deployments.Count, i => route.Candidates?.Contains(snapshot.Deployments[i].Id) ?? true),
        StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Nobody offers that name.</exception>
    public DeploymentSet CandidatesOf(string? model)
    {
        if (model is null or PolicySnapshot.AnyDeployment)
        {
            return _everyone;
        }

        if (_candidates.TryGetValue(model, out var candidates))
        {
            return candidates;
        }

        return _index.TryGetValue(model, out var index)
            ? DeploymentSet.Where(index + 1, i => i == index)
            : throw new ArgumentException($"No route or deployment of policy {snapshot.Version} has the requested name.", nameof(model));
    }

    public List<PermittedDeployment> Order(
        PolicyRequest request, DayPlan plan, in RequestBits bits, in PaperMasks papers, DeploymentSet allowed, Duties[] duties)
    {
        List<PermittedDeployment> permitted = [];
        if (allowed.IsEmpty)
        {
            return permitted;
        }

        var preferences = new int[snapshot.Deployments.Count];
        foreach (var prefer in plan.Prefers)
        {
            var preferred = prefer.Fires(bits, papers) & prefer.Prefers & allowed;
            for (var i = preferred.Next(0); i >= 0; i = preferred.Next(i + 1))
            {
                preferences[i]++;
            }
        }

        for (var i = allowed.Next(0); i >= 0; i = allowed.Next(i + 1))
        {
            var deployment = snapshot.Deployments[i];
            permitted.Add(new(
                deployment, snapshot.Endpoints.GetValueOrDefault(deployment.Id), duties[i], snapshot.Version, request.Day, preferences[i]));
        }

        permitted.Sort(Comparison(request.Route is { } name ? snapshot.Routes.GetValueOrDefault(name) : null));
        return permitted;
    }

    private static Comparison<PermittedDeployment> Comparison(Route? route) => route switch
    {
        { Order: RouteOrder.Listed, Candidates: { } listed } => (left, right) =>
            Position(listed, left).CompareTo(Position(listed, right)),
        { Order: RouteOrder.Cheapest } => static (left, right) =>
            (Preferred(left, right), Price(left).CompareTo(Price(right))) switch
            {
                ( < 0 or > 0, _) and var (byRule, _) => byRule,
                (_, < 0 or > 0) and var (_, byPrice) => byPrice,
                _ => ById(left, right),
            },
        _ => static (left, right) => Preferred(left, right) is var byRule and not 0 ? byRule : ById(left, right),
    };

    private static int Preferred(PermittedDeployment left, PermittedDeployment right) => right.Preference.CompareTo(left.Preference);

    /// <summary>A million tokens in and a million out; an unknown price comes last.</summary>
    private static decimal Price(PermittedDeployment permitted) =>
        permitted.Endpoint?.Price is { } price ? price.Input + price.Output : decimal.MaxValue;

    private static int ById(PermittedDeployment left, PermittedDeployment right) =>
        string.CompareOrdinal(left.Deployment.Id, right.Deployment.Id);

    private static int Position(IReadOnlyList<string> listed, PermittedDeployment permitted)
    {
        for (var i = 0; i < listed.Count; i++)
        {
            if (listed[i] == permitted.Deployment.Id)
            {
                return i;
            }
        }

        return listed.Count;
    }
}
