using System.Buffers;
using System.Collections.Frozen;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>Which deployments a name in <c>model</c> stands for, and in which order the permitted ones come. Order never permits.</summary>
internal sealed class RoutePlanner(PolicySnapshot snapshot)
{
    private static readonly Ranks ById = new([], IsListed: false);

    private readonly DeploymentSet _everyone = DeploymentSet.First(snapshot.Deployments.Count);
    private readonly FrozenDictionary<string, int> _index =
        snapshot.Deployments.Select(static (d, i) => KeyValuePair.Create(d.Id, i)).ToFrozenDictionary(StringComparer.Ordinal);
    private readonly Endpoint?[] _endpoints = [.. snapshot.Deployments.Select(deployment => snapshot.Endpoints.GetValueOrDefault(deployment.Id))];
    private readonly FrozenDictionary<string, Ranks> _ranks = snapshot.Routes.Values.ToFrozenDictionary(
        static route => route.Model, route => RanksOf(route, snapshot), StringComparer.Ordinal);
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
            ? DeploymentSet.Only(index)
            : throw new ArgumentException($"No route or deployment of policy {snapshot.Version} has the requested name.", nameof(model));
    }

    /// <summary>The permitted ones in the order of the route, or by preference and id.</summary>
    public IReadOnlyList<PermittedDeployment> Order(
        PolicyRequest request, DayPlan plan, in RequestBits bits, in PaperMasks papers, DeploymentSet allowed, Duties[] duties)
    {
        if (allowed.IsEmpty)
        {
            return [];
        }

        Span<ushort> preferences = stackalloc ushort[DeploymentSet.Capacity];
        preferences.Clear();
        Prefer(plan, bits, papers, allowed, preferences);
        Span<ulong> keys = stackalloc ulong[DeploymentSet.Capacity];
        var ranks = request.Route is { } name ? _ranks.GetValueOrDefault(name, ById) : ById;
        var count = 0;
        for (var i = allowed.Next(0); i >= 0; i = allowed.Next(i + 1))
        {
            // What the route lists comes as listed; otherwise what more rules prefer comes first, then the cheaper, then by id.
            var preference = ranks.IsListed ? 0UL : (ulong)(ushort.MaxValue - preferences[i]);
            keys[count++] = preference << 32 | (ulong)ranks.Of(i) << 16 | (uint)i;
        }

        keys = keys[..count];
        keys.Sort();
        var permitted = new PermittedDeployment[count];
        for (var k = 0; k < count; k++)
        {
            var i = (int)(keys[k] & ushort.MaxValue);
            permitted[k] = new(snapshot.Deployments[i], _endpoints[i], duties[i], snapshot.Version, request.Day, preferences[i]);
        }

        return permitted;
    }

    private static void Prefer(DayPlan plan, in RequestBits bits, in PaperMasks papers, DeploymentSet allowed, Span<ushort> preferences)
    {
        if (plan.Prefers.Length == 0)
        {
            return;
        }

        var scratch = ArrayPool<FiredRule>.Shared.Rent(plan.MostFiring);
        foreach (var fired in scratch.AsSpan(0, plan.PrefersByClass.Fire(bits, papers, allowed, scratch)))
        {
            var preferred = fired.Deployments & plan.Prefers[fired.Index].Prefers;
            for (var i = preferred.Next(0); i >= 0; i = preferred.Next(i + 1))
            {
                preferences[i] += (ushort)(preferences[i] < ushort.MaxValue ? 1 : 0);
            }
        }

        ArrayPool<FiredRule>.Shared.Return(scratch);
    }

    private static Ranks RanksOf(Route route, PolicySnapshot snapshot)
    {
        if (route is { Order: RouteOrder.Listed, Candidates: { } listed })
        {
            return new([.. snapshot.Deployments.Select(deployment => (ushort)(Position(listed, deployment.Id)))], IsListed: true);
        }

        if (route.Order is not RouteOrder.Cheapest)
        {
            return ById;
        }

        decimal[] prices = [.. snapshot.Deployments.Select(deployment => Price(snapshot.Endpoints.GetValueOrDefault(deployment.Id)))];
        decimal[] distinct = [.. prices.Distinct().Order()];
        return new([.. prices.Select(price => (ushort)Array.BinarySearch(distinct, price))], IsListed: false);
    }

    /// <summary>A million tokens in and a million out; an unknown price comes last.</summary>
    private static decimal Price(Endpoint? endpoint) => endpoint?.Price is { } price ? price.Input + price.Output : decimal.MaxValue;

    private static int Position(IReadOnlyList<string> listed, string id)
    {
        for (var i = 0; i < listed.Count; i++)
        {
            if (listed[i] == id)
            {
                return i;
            }
        }

        return listed.Count;
    }

    /// <summary>Which place a route gives each deployment; equal places are settled by id.</summary>
    private sealed record Ranks(ushort[] Places, bool IsListed)
    {
        public ushort Of(int deployment) => Places.Length == 0 ? (ushort)0 : Places[deployment];
    }
}
