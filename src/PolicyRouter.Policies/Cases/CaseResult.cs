namespace PolicyRouter.Policies.Cases;

/// <summary>How one case came out.</summary>
/// <param name="File">Path relative to the policy folder's parent, with forward slashes.</param>
/// <param name="Line">1-based.</param>
public sealed record CaseResult(string Name, string File, int Line, IReadOnlyList<CaseFailure> Failures)
{
    public bool Passed => Failures.Count == 0;
}
