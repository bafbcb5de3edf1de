namespace PolicyRouter.Policies.Proving;

/// <summary>How many rules are evaluated before a policy is called too large: seconds of work, not hours. Shared by days that run side by side.</summary>
internal sealed class WorkBudget
{
    public const long MostEvaluations = 600_000_000;

    private long _spent;
    private long _planned;

    public bool TrySpend(long evaluations) => Interlocked.Add(ref _spent, evaluations) <= MostEvaluations;

    /// <summary>False when what has been planned is more than may be spent.</summary>
    public bool TryPlan(long evaluations) => Interlocked.Add(ref _planned, evaluations) <= MostEvaluations;
}
