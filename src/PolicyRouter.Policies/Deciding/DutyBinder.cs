namespace PolicyRouter.Policies.Deciding;

/// <summary>Finds the duties that bind each deployment. Deployments that the same rules bind share one list.</summary>
internal static class DutyBinder
{
    /// <param name="plan">What is in force.</param>
    /// <param name="firing">Require rules that fire, in ordinal order.</param>
    /// <param name="allowed">The deployments to be bound.</param>
    /// <param name="lowered">The redactions that go with lowered labels; null without any.</param>
    /// <param name="duties">Gets the duties of each of them, at its place.</param>
    public static void Bind(DayPlan plan, ReadOnlySpan<FiredRule> firing, DeploymentSet allowed, LoweredLabels? lowered, Duties[] duties)
    {
        var always = lowered is null ? Duties.None : new Duties([.. lowered.Redactions]);
        if (firing.IsEmpty)
        {
            for (var d = allowed.Next(0); d >= 0; d = allowed.Next(d + 1))
            {
                duties[d] = always;
            }

            return;
        }

        var unbound = allowed;
        for (var d = unbound.Next(0); d >= 0; d = unbound.Next(d + 1))
        {
            // Everybody whom exactly the same rules bind.
            var alike = unbound;
            var count = 0;
            foreach (ref readonly var rule in firing)
            {
                var binds = rule.Deployments.Contains(d);
                alike = binds ? alike & rule.Deployments : alike.Except(rule.Deployments);
                count += binds ? 1 : 0;
            }

            var bound = count == 0 ? always : new Duties(List(plan, firing, d, count, always.Firing));
            for (var other = alike.Next(d); other >= 0; other = alike.Next(other + 1))
            {
                duties[other] = bound;
            }

            unbound = unbound.Except(alike);
        }
    }

    /// <summary>True when the duties cannot all be met: they contradict each other, or ask for an approval that is not held.</summary>
    public static bool AreUnmet(Duties duties, CompiledWords words, ulong approvals)
    {
        if (duties.Contradiction is not null)
        {
            return true;
        }

        // By index, which takes no enumerator.
        for (var i = 0; i < duties.Firing.Count; i++)
        {
            if (words.LacksApproval(duties.Firing[i], approvals))
            {
                return true;
            }
        }

        return false;
    }

    private static FiringDuty[] List(DayPlan plan, ReadOnlySpan<FiredRule> firing, int deployment, int count, IReadOnlyList<FiringDuty> always)
    {
        var list = new FiringDuty[always.Count + count];
        var next = 0;
        for (; next < always.Count; next++)
        {
            list[next] = always[next];
        }

        foreach (ref readonly var rule in firing)
        {
            if (rule.Deployments.Contains(deployment))
            {
                list[next++] = plan.Requires[rule.Index].Firing!;
            }
        }

        return list;
    }
}
