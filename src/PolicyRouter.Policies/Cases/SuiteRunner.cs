using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Policies.Cases;

/// <summary>Runs the cases of <c>tests/</c> and measures what they are worth.</summary>
public static class SuiteRunner
{
    /// <param name="snapshot">The policy and the cases that were read with it.</param>
    /// <param name="mutations">False leaves out the mutants, which take most of the time.</param>
    public static SuiteReport Run(PolicySnapshot snapshot, bool mutations) => Run(snapshot, mutations, Equivalent);

    /// <summary>The same, with somebody who can prove two policies equal: see <see cref="MutationRunner.Run"/>.</summary>
    internal static SuiteReport Run(PolicySnapshot snapshot, bool mutations, Func<PolicyModel, PolicyModel, bool?>? equivalent) => new(
        CaseRunner.RunAll(snapshot, snapshot.Model.Suite.Cases),
        Coverage.Of(snapshot.Model),
        mutations ? MutationRunner.Run(snapshot, equivalent) : null);

    /// <summary>Equal for everybody: for requests without a tenant, and for those of each tenant under its own bounds.</summary>
    private static bool? Equivalent(PolicyModel policy, PolicyModel mutant)
    {
        bool? all = true;
        foreach (var (one, other) in AsSeenByEach(policy).Zip(AsSeenByEach(mutant)))
        {
            switch (PolicyComparison.AreEquivalent(one, other))
            {
                case false:
                    return false;
                case null:
                    all = null;
                    break;
            }
        }

        return all;
    }

    private static IEnumerable<PolicyModel> AsSeenByEach(PolicyModel model) =>
        model.Tenants.Select(tenant => model.SeenBy(tenant.Name)).Prepend(model.SeenBy(null));
}
