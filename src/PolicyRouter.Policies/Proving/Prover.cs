using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>
/// Proves or disproves every claim of a policy by enumeration: every request the rules can tell apart, on every date, for every deployment,
/// with every approval held and every overridable forbid switched off.
/// </summary>
/// <remarks>
/// A policy with too many sets of classes to enumerate is proved on the smallest of them (<see cref="ClassSets.Smallest"/>): a class that is added to a
/// request only ever asks for a further permit and brings further restrictions, so that what no smallest set allows, no set allows. The verdicts are the
/// same then; states are counted for the smallest sets only.
/// </remarks>
public static class Prover
{
    /// <summary>More contexts than this are not worth counting one by one.</summary>
    private const long MostContextsCounted = 1_500_000;

    /// <param name="policy">The policy with its claims.</param>
    /// <param name="today">The day nearest to which counterexamples are looked for. It changes no verdict on a never-claim.</param>
    public static PolicyProof Prove(PolicySnapshot policy, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ClaimProof[] always = [.. policy.Model.Suite.Always.Select(claim => Availability.Check(policy, claim))];
        try
        {
            return Counting(policy, today, always);
        }
        catch (TooLargeException)
        {
            // Counting everything is too much; the verdicts may not be.
        }

        try
        {
            return OnSmallestSets(policy, today, always);
        }
        catch (TooLargeException tooLarge)
        {
            return new(0, 0, always, null, tooLarge.Message);
        }
    }

    internal static PolicyProof Counting(PolicySnapshot policy, DateOnly today, ClaimProof[] always)
    {
        var claims = ClaimsOf(policy);
        Partition partition = new([policy], _ => claims);
        var contexts = partition.EstimatedContexts([policy.PlanFor(today)]);
        if (contexts > MostContextsCounted)
        {
            throw new TooLargeException("situations", contexts, MostContextsCounted);
        }

        DaySweep[] sweeps = [.. partition.Days.Select(day => new DaySweep(partition, policy, day, claims, today))];
        Partition.InParallel(sweeps, static sweep => sweep.Run());
        return Proof(policy, partition, sweeps, today, always) with { IsCounted = true };
    }

    internal static PolicyProof OnSmallestSets(PolicySnapshot policy, DateOnly today, ClaimProof[] always)
    {
        var claims = ClaimsOf(policy);
        WorkBudget budget = new();
        Partition[] slices =
        [
            .. ClassSets.Smallest(policy, Partition.LabelsOf([policy]), Conjunctions(policy, claims)).Where(set => IsCovered(policy, set))
                .Select(set => new Partition([policy], _ => claims, [set], budget)),
        ];
        foreach (var slice in slices)
        {
            slice.RequireAffordable(slice.EstimatedContexts([policy.PlanFor(today)]), budget);
        }

        DaySweep[] sweeps = [.. slices.SelectMany(slice => slice.Days.Select(day => new DaySweep(slice, policy, day, claims, today)))];
        Partition.InParallel(sweeps, static sweep => sweep.Run());
        Partition whole = slices.Length > 0 ? slices[0] : new([policy], null, [new([policy.Words.UnclassifiedBit], [], 1)], budget);
        return Proof(policy, whole, sweeps, today, always);
    }

    private static PolicyProof Proof(PolicySnapshot policy, Partition partition, DaySweep[] sweeps, DateOnly today, ClaimProof[] always) => new(
        partition.Requests * (ulong)policy.Deployments.Count,
        sweeps.Sum(static sweep => sweep.Situations),
        [.. policy.Model.Suite.Never.Select((claim, i) => Verdict(policy, claim, i, sweeps, today)), .. always],
        AnalysisOf.Policy(policy, partition.Labels, sweeps),
        null);

    private static Rule[] ClaimsOf(PolicySnapshot policy) => [.. policy.Model.Suite.Never.Select(AsForbid)];

    /// <summary>The lines about classes that have to be met together: of each claim, each forbid, and each two duties that contradict one another.</summary>
    private static IEnumerable<ulong[]> Conjunctions(PolicySnapshot policy, Rule[] claims)
    {
        CompiledRule[] rules = [.. policy.Model.Rules.Where(static rule => !rule.Shadow).Concat(claims).Select(rule => new CompiledRule(rule, policy.Words, policy.Deployments))];
        return rules.Where(static rule => rule.Rule.Effect is Effect.Forbid).Select(static rule => rule.ClassTests)
            .Concat(Blocker.Contradictions([.. rules.Where(static rule => rule.Rule.Effect is Effect.Require)])
                .Select(static pair => pair.Rules.SelectMany(static rule => rule.ClassTests).ToArray()));
    }

    /// <summary>False when some class of the set has no permit on any day: then nobody may ever receive it.</summary>
    private static bool IsCovered(PolicySnapshot policy, Choice set) =>
        (set.Bits[0] & ~policy.Words.Classes.Bits(policy.Model.Rules.Where(static rule => !rule.Shadow).SelectMany(static rule => rule.CoversData))) == 0;

    private static ClaimProof Verdict(PolicySnapshot policy, NeverClaim claim, int index, DaySweep[] sweeps, DateOnly today)
    {
        var violations = sweeps.Aggregate(UInt128.Zero, (sum, sweep) => sum + sweep.Violations[index]);
        var simplest = sweeps.Select(sweep => sweep.Against[index]).OfType<Found>().MinBy(found => found.Weight(today));
        return new(
            claim.Id, claim.Claim, violations == 0, violations,
            simplest is null ? null : CounterexampleText.Of(policy, claim, simplest.Request(today), policy.Deployments[simplest.Deployment]));
    }

    /// <summary>A claim reads like a forbid: what is unknown counts as a match in "when all", and as none in "unless any".</summary>
    internal static Rule AsForbid(NeverClaim claim) => new()
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
