namespace PolicyRouter.Policies.Cases;

/// <summary>How the cases beside a policy came out, and how much of the policy they hold in place.</summary>
/// <param name="Mutations">Null when it was not asked for.</param>
public sealed record SuiteReport(IReadOnlyList<CaseResult> Cases, CoverageReport Coverage, MutationReport? Mutations)
{
    public int Failed => Cases.Count(static c => !c.Passed);

    /// <summary>True when nothing is uncovered and no mutant survives.</summary>
    public bool HoldsEverything => Coverage.IsComplete && Mutations is null or { Survived: 0 };
}
