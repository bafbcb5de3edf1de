using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>Targets in the order they will be tried, and why in that order.</summary>
internal sealed record AttemptPlan(IReadOnlyList<PermittedDeployment> Targets, string Reason);

/// <summary>
/// Orders a permitted set. It can only reorder what it is given: targets are <see cref="PermittedDeployment"/>s, which it
/// cannot make.
/// </summary>
internal sealed class AttemptPlanner(HealthBoard board)
{
    /// <summary>The route's order, healthy targets first; targets whose breaker is open come last, longest-ago failure first.</summary>
    public AttemptPlan Plan(IReadOnlyList<PermittedDeployment> permitted, RouteOrder order)
    {
        var ordered = Order(permitted, order);
        var healthy = ordered.Where(target => !IsDown(target, permitted)).ToList();
        var down = ordered.Where(target => IsDown(target, permitted))
            .OrderBy(target => board.Of(target.Deployment.Id).LastFailure)
            .ToList();
        var name = RouteOrderName(order);
        var reason = down.Count == 0
            ? name
            : $"{name}; put last for their health: {string.Join(", ", down.Select(static target => target.Deployment.Id))}";
        return new AttemptPlan([.. healthy, .. down], reason);
    }

    /// <summary>
    /// The next target after failures: of those left, healthy before unhealthy, then the one that shares fewest failure
    /// domains with what has just failed, then the plan's order. Null when none is left.
    /// </summary>
    public PermittedDeployment? Next(IReadOnlyList<PermittedDeployment> left, IReadOnlyList<PermittedDeployment> failed) =>
        left
            .Select((target, place) => (target, place))
            .OrderBy(candidate => IsDown(candidate.target, left) ? 1 : 0)
            .ThenBy(candidate => failed.Count == 0 ? 0 : SharedDomains(candidate.target, failed[^1]))
            .ThenBy(candidate => failed.Sum(other => SharedDomains(candidate.target, other)))
            .ThenBy(static candidate => candidate.place)
            .Select(static candidate => candidate.target)
            .FirstOrDefault();

    public static string RouteOrderName(RouteOrder order) => order switch
    {
        RouteOrder.Listed => "listed",
        RouteOrder.Cheapest => "cheapest",
        RouteOrder.Fastest => "fastest",
        _ => "balanced",
    };

    // The engine has ordered by the list, the price and the prefer rules; measured speed is known only here.
    private IEnumerable<PermittedDeployment> Order(IReadOnlyList<PermittedDeployment> permitted, RouteOrder order) => order switch
    {
        RouteOrder.Fastest => permitted.OrderByDescending(static target => target.Preference).ThenBy(FirstByteMs),
        RouteOrder.Balanced => Balanced(permitted),
        _ => permitted,
    };

    private IEnumerable<PermittedDeployment> Balanced(IReadOnlyList<PermittedDeployment> permitted)
    {
        var bySpeed = permitted.OrderBy(FirstByteMs).ToList();
        var byPrice = permitted.OrderBy(static target => target.Endpoint?.Price is { } price ? price.Input + price.Output : decimal.MaxValue).ToList();
        return permitted
            .OrderByDescending(static target => target.Preference)
            .ThenBy(target => bySpeed.IndexOf(target) + byPrice.IndexOf(target));
    }

    private double FirstByteMs(PermittedDeployment target) => board.Of(target.Deployment.Id).FirstByteMs;

    /// <summary>
    /// Down: its own breaker is open, or two other targets of one of its failure domains are, with nothing of that domain
    /// answering since.
    /// </summary>
    private bool IsDown(PermittedDeployment target, IReadOnlyList<PermittedDeployment> peers)
    {
        if (board.Of(target.Deployment.Id).IsOpen)
        {
            return true;
        }

        foreach (var domain in target.Endpoint?.FailsWith ?? [])
        {
            var members = peers
                .Where(peer => peer.Endpoint is { } endpoint && endpoint.FailsWith.Contains(domain, StringComparer.Ordinal))
                .Select(peer => board.Of(peer.Deployment.Id))
                .ToList();
            var open = members.Where(static member => member.IsOpen).ToList();
            if (open.Count >= 2 && members.Max(static member => member.LastSuccess) < open.Min(static member => member.LastFailure))
            {
                return true;
            }
        }

        return false;
    }

    private static int SharedDomains(PermittedDeployment one, PermittedDeployment other) =>
        one.Endpoint is null || other.Endpoint is null
            ? 0
            : one.Endpoint.FailsWith.Intersect(other.Endpoint.FailsWith, StringComparer.Ordinal).Count();
}
