using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>Targets in the order they will be tried, and why in that order.</summary>
internal sealed record AttemptPlan(IReadOnlyList<PermittedDeployment> Targets, string Reason)
{
    /// <summary>Every target is down: only the first, which failed longest ago, may be tried, by one request at a time.</summary>
    public bool IsLastResort { get; init; }

    /// <summary>Ids of targets that nobody is sent to if another answers, because they are down or were ejected.</summary>
    public IReadOnlyList<string> Avoided { get; init; } = [];
}

/// <summary>
/// Orders a permitted set. It can only reorder what it is given: targets are <see cref="PermittedDeployment"/>s, which it
/// cannot make. It leaves none out: the last permitted target is tried however bad it is.
/// </summary>
internal sealed class AttemptPlanner(HealthBoard board, Chance chance)
{
    /// <summary>
    /// The route's order; behind them, in this order, targets that are starting, demoted, too slow for the time left, ejected, and down, of which the longest-ago failure
    /// comes first. Targets that are starting or demoted keep their place for a share of the requests.
    /// </summary>
    /// <param name="remaining">Until the request's deadline.</param>
    public AttemptPlan Plan(IReadOnlyList<PermittedDeployment> permitted, RouteOrder order, TimeSpan remaining)
    {
        var placed = Order(permitted, order).Select(target => Place(target, remaining)).ToList();
        var targets = placed
            .OrderBy(static one => one.IsInPlace ? Standing.Ready : one.Standing.Standing)
            .ThenBy(one => one.Standing.Standing is Standing.Down ? board.LastFailureOf(one.Target) : 0)
            .Select(static one => one.Target)
            .ToList();
        return new AttemptPlan(targets, ReasonOf(RouteOrderName(order), placed))
        {
            Avoided = [.. placed.Where(static one => !one.IsInPlace && one.Standing.Standing is Standing.Ejected or Standing.Down).Select(static one => one.Target.Deployment.Id)],
            IsLastResort = placed.Count > 0 && placed.TrueForAll(static one => one.Standing.Standing is Standing.Down),
        };
    }

    /// <summary>
    /// The next target after failures: of those left, the best standing, then the one that shares fewest failure
    /// domains with what has just failed, then the plan's order. Null when none is left.
    /// </summary>
    public PermittedDeployment? Next(IReadOnlyList<PermittedDeployment> left, IReadOnlyList<PermittedDeployment> failed, TimeSpan remaining) =>
        left
            .Select((target, place) => (target, place))
            .OrderBy(candidate => StandingOf(candidate.target, remaining).Standing)
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

    private PlacedTarget Place(PermittedDeployment target, TimeSpan remaining)
    {
        var standing = StandingOf(target, remaining);
        return new PlacedTarget(target, standing, chance.Draw(standing.Share));
    }

    private TargetStanding StandingOf(PermittedDeployment target, TimeSpan remaining)
    {
        var standing = board.StandingOf(target);
        return standing.Standing < Standing.Late && FirstByteMs(target) > remaining.TotalMilliseconds
            ? new(Standing.Late, "slower than the time left", Share: 0)
            : standing;
    }

    /// <summary>The order's name, who was put back and why, and who is not well and kept its place this time.</summary>
    private static string ReasonOf(string order, List<PlacedTarget> placed)
    {
        List<string> parts = [order];
        Add("put back", placed.Where(static one => !one.IsInPlace));
        Add("in place for a share of the requests", placed.Where(static one => one.IsInPlace && one.Standing.Standing is not Standing.Ready));
        return string.Join("; ", parts);

        void Add(string what, IEnumerable<PlacedTarget> targets)
        {
            if (string.Join(", ", targets) is { Length: > 0 } named)
            {
                parts.Add($"{what}: {named}");
            }
        }
    }

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

    private static int SharedDomains(PermittedDeployment one, PermittedDeployment other) =>
        one.Endpoint is null || other.Endpoint is null
            ? 0
            : one.Endpoint.FailsWith.Intersect(other.Endpoint.FailsWith, StringComparer.Ordinal).Count();

    private sealed record PlacedTarget(PermittedDeployment Target, TargetStanding Standing, bool IsInPlace)
    {
        public override string ToString() => $"{Target.Deployment.Id} ({Standing.Why})";
    }
}
