using PolicyRouter.Audit.Events;
using PolicyRouter.Policies.Replaying;

namespace PolicyRouter.Reports.Impact;

/// <summary>Requests that change in the same way.</summary>
/// <param name="Samples">Ids of some of them.</param>
public sealed record ImpactGroup(string Request, string Change, int Count, IReadOnlyList<Guid> Samples);

/// <summary>What a policy would have changed about recorded decisions.</summary>
public sealed record ImpactReport(ReplayTotals Totals, IReadOnlyList<ImpactGroup> Groups)
{
    private const int MostSamples = 5;
    private const int MostGroups = 100;

    public static ImpactReport Of(PolicyReplay replay, IEnumerable<RequestDecided> decisions)
    {
        ReplayTotals totals = new();
        Dictionary<(string Request, string Change), (int Count, List<Guid> Samples)> groups = [];
        foreach (var decided in decisions)
        {
            var replayed = replay.Decide(RecordedDecision.Of(decided));
            totals.Add(replayed, wasAnswerable: decided.Plan.Count + decided.Unsuitable.Count > 0);
            if (replayed.IsChanged)
            {
                var key = (RequestOf(decided), ChangeOf(replayed));
                var group = groups.GetValueOrDefault(key, (0, []));
                if (group.Samples.Count < MostSamples)
                {
                    group.Samples.Add(decided.Id);
                }

                groups[key] = (group.Count + 1, group.Samples);
            }
        }

        return new ImpactReport(totals,
        [
            .. groups.Select(static pair => new ImpactGroup(pair.Key.Request, pair.Key.Change, pair.Value.Count, pair.Value.Samples))
                .OrderByDescending(static group => group.Count).ThenBy(static group => group.Change, StringComparer.Ordinal).Take(MostGroups),
        ]);
    }

    private static string RequestOf(RequestDecided decided) =>
        $"{decided.Route}, {(decided.FinalClasses.Count == 0 ? "no class" : string.Join(" + ", decided.FinalClasses))}, {decided.Purpose ?? "no purpose"}";

    private static string ChangeOf(ReplayedRequest replayed)
    {
        if (replayed.IsRouteGone)
        {
            return "there is no such route any more";
        }

        List<string> changes = [];
        if (replayed.NewlyAllowed.Count > 0)
        {
            changes.Add($"newly allowed {string.Join(", ", replayed.NewlyAllowed)}");
        }

        if (replayed.NewlyDenied.Count > 0)
        {
            changes.Add($"newly denied {string.Join(", ", replayed.NewlyDenied.Select(static denied => $"{denied.Deployment} ({string.Join(", ", denied.Rules)})"))}");
        }

        if (replayed.DutiesChanged.Count > 0)
        {
            changes.Add($"other duties for {string.Join(", ", replayed.DutiesChanged)}");
        }

        return string.Join("; ", changes) + (replayed.IsAnswerable ? "" : "; nobody is left");
    }
}
