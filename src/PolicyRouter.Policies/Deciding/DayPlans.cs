using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>One set of rules, compiled per interval between date edges when it is first asked about.</summary>
internal sealed class DayPlans(PolicySnapshot snapshot, CompiledWords words, IReadOnlyList<Rule> rules, DateOnly[] edges)
{
    // Ordinal order, so that the order of files and lines cannot matter.
    private readonly Rule[] _rules = [.. rules.OrderBy(static rule => rule.Id, StringComparer.Ordinal)];
    private readonly DayPlan?[] _plans = new DayPlan?[edges.Length + 1];

    public DayPlan For(DateOnly day)
    {
        var index = Array.BinarySearch(edges, day);
        index = index >= 0 ? index + 1 : ~index;
        if (Volatile.Read(ref _plans[index]) is { } plan)
        {
            return plan;
        }

        // Two threads may compile the same plan; the first one stays, so that its cached reasons are shared.
        DayPlan made = new(snapshot.Model, words, _rules, snapshot.Deployments, day);
        return Interlocked.CompareExchange(ref _plans[index], made, null) ?? made;
    }
}
