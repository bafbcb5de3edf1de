using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Cases;

/// <summary>Runs the cases against every mutant.</summary>
internal static class MutationRunner
{
    /// <param name="snapshot">The policy itself.</param>
    /// <param name="equivalent">
    /// True when the second policy is proved to decide like the first for every request on every date; false when it is proved not to;
    /// null when nothing is proved. Asked about survivors only, several at a time;
    /// null when nobody can prove anything.
    /// </param>
    public static MutationReport Run(PolicySnapshot snapshot, Func<PolicyModel, PolicyModel, bool?>? equivalent)
    {
        // A case that fails anyway notices nothing.
        PolicyCase[] cases = [.. snapshot.Model.Suite.Cases.Where(policyCase => CaseRunner.Passes(snapshot, policyCase))];
        return new([.. Mutations.Of(snapshot.Model).AsParallel().AsOrdered().Select(mutant => Judge(snapshot.Model, mutant, cases, equivalent))]);
    }

    private static MutantResult Judge(PolicyModel model, Mutant mutant, PolicyCase[] cases, Func<PolicyModel, PolicyModel, bool?>? equivalent)
    {
        PolicySnapshot snapshot = new(mutant.Model, PolicySnapshot.DenyAll.Version);
        var killer = cases.FirstOrDefault(policyCase => !CaseRunner.Passes(snapshot, policyCase));
        var fate = killer is not null ? MutantFate.Killed
            : IsVoid(model, mutant.Model) || equivalent?.Invoke(model, mutant.Model) is true ? MutantFate.Equivalent
            : MutantFate.Survived;
        return new(mutant.Kind, mutant.Change, mutant.Hint, fate, killer?.Name);
    }

    /// <summary>
    /// True when the mutant moved the date of a paper that another of its dates makes void: a paper signed before it begins does not
    /// begin earlier when it is signed earlier.
    /// </summary>
    private static bool IsVoid(PolicyModel model, PolicyModel mutant) =>
        !ReferenceEquals(model.Agreements, mutant.Agreements)
        && model.Agreements.Zip(mutant.Agreements).All(static pair => pair.First.Days == pair.Second.Days);
}
