using System.Globalization;
using PolicyRouter.Audit.Events;
using PolicyRouter.Policies.Replaying;

namespace PolicyRouter.Cli.Policy;

/// <summary>A replay for people: requests that change in the same way together, most frequent first, with some of their ids.</summary>
internal sealed class ReplayText(TextWriter output) : IReplayReport
{
    private const int MostIds = 20;

    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public void Add(RequestDecided decided, ReplayedRequest replayed)
    {
        var what = Describe(decided, replayed);
        if (!_groups.TryGetValue(what, out var group))
        {
            _groups.Add(what, group = new());
        }

        group.Count++;
        if (group.Ids.Count < MostIds)
        {
            group.Ids.Add(decided.Id);
        }
    }

    public void End(ReplayTotals totals)
    {
        foreach (var (what, group) in _groups.OrderByDescending(static pair => pair.Value.Count).ThenBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{Number(group.Count)} × {what}");
            output.WriteLine($"  {string.Join(", ", group.Ids)}{(group.Count > group.Ids.Count ? $" and {Number(group.Count - group.Ids.Count)} more (--json lists all)" : "")}");
        }

        output.WriteLine(
            $"{Number(totals.Decided)} recorded requests decided again: {Number(totals.Changed)} changed, {Number(totals.NewlyAllowed)} newly allowed, "
            + $"{Number(totals.NewlyDenied)} newly denied, {Number(totals.DutiesChanged)} under other duties; {Number(totals.LeftWithNobody)} would get no answer at all any more.");
    }

    private static string Describe(RequestDecided decided, ReplayedRequest replayed)
    {
        var request = $"{decided.Route}, {(decided.FinalClasses.Count == 0 ? "no class" : string.Join(" + ", decided.FinalClasses))}, {decided.Purpose ?? "no purpose"}";
        if (replayed.IsRouteGone)
        {
            return $"{request}: there is no such route any more";
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

        return $"{request}: {string.Join("; ", changes)}{(replayed.IsAnswerable ? "" : "; nobody is left")}";
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private sealed class Group
    {
        public long Count { get; set; }
        public List<Guid> Ids { get; } = [];
    }
}
