namespace PolicyRouter.Policies.Cases;

/// <summary>Which changes to the policy the cases would notice.</summary>
public sealed record MutationReport(IReadOnlyList<MutantResult> Mutants)
{
    public int Killed => Count(MutantFate.Killed);
    public int Equivalent => Count(MutantFate.Equivalent);
    public int Survived => Count(MutantFate.Survived);

    private int Count(MutantFate fate) => Mutants.Count(mutant => mutant.Fate == fate);
}

public enum MutantFate
{
    /// <summary>Some case that passes fails under it.</summary>
    Killed,

    /// <summary>Proved to decide like the policy itself, so no case can notice it.</summary>
    Equivalent,

    /// <summary>No case notices it.</summary>
    Survived,
}

/// <summary>One changed policy and what became of it.</summary>
/// <param name="Kind"><c>rule deleted</c>, <c>date moved</c> or <c>all and any flipped</c>.</param>
/// <param name="Change">The beginning of a sentence: <c>deleting rule F-SUD</c>.</param>
/// <param name="Hint">Which case would notice: <c>on 2027-01-01</c>; null when that cannot be said at once.</param>
/// <param name="KilledBy">Name of the first case that fails under it.</param>
public sealed record MutantResult(string Kind, string Change, string? Hint, MutantFate Fate, string? KilledBy);
