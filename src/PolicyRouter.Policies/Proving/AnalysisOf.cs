using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>What the enumeration tells about the rules themselves.</summary>
internal static class AnalysisOf
{
    public static PolicyAnalysis Policy(PolicySnapshot policy, string[] labels, DaySweep[] sweeps)
    {
        HashSet<string> fired = [.. sweeps.SelectMany(static sweep => sweep.Fired)];
        HashSet<string> needed = [.. sweeps.SelectMany(static sweep => sweep.Needed())];
        Rule[] rules = [.. policy.Model.Rules.Where(static rule => !rule.Shadow).OrderBy(static rule => rule.Id, StringComparer.Ordinal)];
        fired.UnionWith(rules.Where(rule => !fired.Contains(rule.Id) && Fires(policy, rule)).Select(static rule => rule.Id));
        var reachedClasses = sweeps.Aggregate(0UL, static (bits, sweep) => bits | sweep.ReachedClasses);
        var reached = sweeps.Aggregate(DeploymentSet.None, static (set, sweep) => set | sweep.ReachedDeployments);
        return new(
            [.. rules.Where(rule => !fired.Contains(rule.Id)).Select(static rule => rule.Id)],
            [.. rules.Where(rule => rule.Effect is Effect.Permit && fired.Contains(rule.Id) && !needed.Contains(rule.Id)).Select(static rule => rule.Id)],
            [.. Subsumed(sweeps, fired)],
            [.. sweeps.SelectMany(static sweep => sweep.Contradictions).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            SoleBlockers(rules, sweeps),
            sweeps.SelectMany(static sweep => sweep.Beside()).GroupBy(static one => one.Rule, static one => one.Others, StringComparer.Ordinal).ToDictionary(
                static rule => rule.Key,
                static rule => (IReadOnlyList<string>)[.. rule.SelectMany(static others => others).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                StringComparer.Ordinal),
            [.. labels.Where(label => (policy.Words.Classes.Bit(label) & reachedClasses) == 0)],
            [.. policy.Deployments.Where((_, i) => !reached.Contains(i)).Select(static deployment => deployment.Id)]);
    }

    private static Dictionary<string, UInt128> SoleBlockers(Rule[] rules, DaySweep[] sweeps)
    {
        var blockers = rules.Where(static rule => rule.Effect is Effect.Forbid && rule.Strength is not Strength.Advisory)
            .ToDictionary(static rule => rule.Id, static _ => UInt128.Zero, StringComparer.Ordinal);
        foreach (var (rule, count) in sweeps.SelectMany(static sweep => sweep.SoleBlockers()))
        {
            blockers[rule] += count;
        }

        return blockers;
    }

    /// <summary>Permits that permit nothing another one does not, wherever they are in force. Of two that are alike the later id is named.</summary>
    private static IEnumerable<SubsumedPermit> Subsumed(DaySweep[] sweeps, HashSet<string> fired)
    {
        var contained = sweeps.SelectMany(static sweep => sweep.Contained()).Where(permit => fired.Contains(permit.Permit))
            .GroupBy(static permit => permit.Permit, static permit => permit.ContainedIn, StringComparer.Ordinal)
            .ToDictionary(static permit => permit.Key, static permit => permit.Aggregate(static (all, some) => [.. all.Intersect(some, StringComparer.Ordinal)]), StringComparer.Ordinal);
        return
            from permit in contained.OrderBy(static permit => permit.Key, StringComparer.Ordinal)
            let others = permit.Value.Where(other => string.CompareOrdinal(other, permit.Key) < 0 || !contained[other].Contains(permit.Key)).ToList()
            where others.Count > 0
            select new SubsumedPermit(permit.Key, others[0]);
    }

    /// <summary>Whether a rule fires anywhere, asked of it alone.</summary>
    private static bool Fires(PolicySnapshot policy, Rule rule)
    {
        PolicySnapshot alone = new(policy.Model with { Rules = [rule], Tenants = [] }, policy.Version);
        Partition partition = new([alone], null, [new([ulong.MaxValue], [], 1)]);
        return partition.Days.Select(day => alone.PlanFor(day.Near(DateOnly.MinValue))).Any(plan => partition.Contexts([plan]).Any(context =>
            ((CompiledRule[])[.. plan.Permits, .. plan.Forbids, .. plan.Requires, .. plan.Prefers])
                .Any(compiled => !(compiled.Fires(context.Bits(0, approvals: ~WordBits.Unknown), context.In.Papers[0]) & DeploymentSet.First(alone.Deployments.Count)).IsEmpty)));
    }
}
