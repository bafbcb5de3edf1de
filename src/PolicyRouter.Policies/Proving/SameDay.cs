using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Proving;

/// <summary>
/// Tells at once that two policies hold the same rules, papers and facts on a day, as they do on nearly every day when only a date of one was
/// moved. Then they decide the same there, and nothing has to be enumerated.
/// </summary>
internal static class SameDay
{
    /// <summary>False also when the two are only written differently.</summary>
    public static bool Holds(PolicyModel one, PolicyModel other, DateOnly day) => Undated(one, day) is var left && Undated(other, day) is var right
        && left.Rules.SequenceEqual(right.Rules)
        && left.Agreements.SequenceEqual(right.Agreements)
        && left.Adequacies.SequenceEqual(right.Adequacies)
        && left.Deployments.SequenceEqual(right.Deployments)
        && (left with { Rules = [], Agreements = [], Adequacies = [], Deployments = [] }) == (right with { Rules = [], Agreements = [], Adequacies = [], Deployments = [] });

    /// <summary>What is in force that day, without its dates.</summary>
    private static PolicyModel Undated(PolicyModel model, DateOnly day) => model with
    {
        Rules = [.. model.Rules.Where(rule => rule.InForce.Contains(day)).Select(static rule => rule with { InForce = default })],
        Agreements =
        [
            .. model.Agreements.Where(paper => paper.HoldsOn(day))
                .Select(static paper => paper with { InForce = default, SignedOn = default, TerminatedOn = null, ReviewBy = null }),
        ],
        Adequacies = [.. model.Adequacies.Where(finding => finding.InForce.Contains(day)).Select(static finding => finding with { InForce = default })],
        Deployments = [.. model.Deployments.Select(deployment => deployment.AsOf(day) with { Evidence = null })],
    };
}
