using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>
/// Proves or disproves every claim of a policy by enumeration: every request the rules can tell apart, on every date, for every deployment,
/// with every approval held and every overridable forbid switched off.
/// </summary>
public static class Prover
{
    /// <param name="policy">The policy with its claims.</param>
    /// <param name="today">The day nearest to which counterexamples are looked for. It changes no verdict on a never-claim.</param>
    public static PolicyProof Prove(PolicySnapshot policy, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Rule[] claims = [.. policy.Model.Suite.Never.Select(AsForbid)];
        var always = policy.Model.Suite.Always.Select(claim => Availability.Check(policy, claim));
        try
        {
            Partition partition = new([policy], _ => claims);
            DaySweep[] sweeps = [.. partition.Days.Select(day => new DaySweep(partition, policy, day, claims, today))];
            Partition.InParallel(sweeps, static sweep => sweep.Run());
            var never = policy.Model.Suite.Never.Select((claim, i) => Verdict(policy, claim, i, sweeps, today));
            return new(
                partition.Requests * (ulong)policy.Deployments.Count, sweeps.Sum(static sweep => sweep.Situations), [.. never, .. always], Analyse(policy, partition, sweeps), null);
        }
        catch (TooLargeException tooLarge)
        {
            return new(0, 0, [.. always], null, tooLarge.Message);
        }
    }

    private static ClaimProof Verdict(PolicySnapshot policy, NeverClaim claim, int index, DaySweep[] sweeps, DateOnly today)
    {
        var violations = sweeps.Aggregate(UInt128.Zero, (sum, sweep) => sum + sweep.Violations[index]);
        var simplest = sweeps.Select(sweep => sweep.Against[index]).OfType<Found>().MinBy(found => found.Weight(today));
        return new(
            claim.Id, claim.Claim, violations == 0, violations,
            simplest is null ? null : CounterexampleText.Of(policy, claim, simplest.Request(today), policy.Deployments[simplest.Deployment]));
    }

    private static PolicyAnalysis Analyse(PolicySnapshot policy, Partition partition, DaySweep[] sweeps)
    {
        HashSet<string> fired = [.. sweeps.SelectMany(static sweep => sweep.Fired)];
        HashSet<string> needed = [.. sweeps.SelectMany(static sweep => sweep.Needed())];
        var rules = policy.Model.Rules.Where(static rule => !rule.Shadow).OrderBy(static rule => rule.Id, StringComparer.Ordinal);
        var reachedClasses = sweeps.Aggregate(0UL, static (bits, sweep) => bits | sweep.ReachedClasses);
        var reached = sweeps.Aggregate(DeploymentSet.None, static (set, sweep) => set | sweep.ReachedDeployments);
        return new(
            [.. rules.Where(rule => !fired.Contains(rule.Id)).Select(static rule => rule.Id)],
            [.. rules.Where(rule => rule.Effect is Effect.Permit && fired.Contains(rule.Id) && !needed.Contains(rule.Id)).Select(static rule => rule.Id)],
            sweeps.SelectMany(static sweep => sweep.SoleBlockers()).GroupBy(static one => one.Rule, StringComparer.Ordinal)
                .ToDictionary(static one => one.Key, static one => one.Aggregate(UInt128.Zero, static (sum, next) => sum + next.Count), StringComparer.Ordinal),
            [.. partition.Labels.Where(label => (policy.Words.Classes.Bit(label) & reachedClasses) == 0)],
            [.. policy.Deployments.Where((_, i) => !reached.Contains(i)).Select(static deployment => deployment.Id)]);
    }

    /// <summary>A claim reads like a forbid: what is unknown counts as a match in "when all", and as none in "unless any".</summary>
    private static Rule AsForbid(NeverClaim claim) => new()
    {
        Id = claim.Id,
        Title = claim.Claim,
        Effect = Effect.Forbid,
        Owner = "",
        InForce = new DateSpan(DateOnly.MinValue, null),
        Reason = claim.Claim,
        Citation = [],
        WhenAll = claim.WhenAll,
        UnlessAny = claim.UnlessAny,
    };
}
