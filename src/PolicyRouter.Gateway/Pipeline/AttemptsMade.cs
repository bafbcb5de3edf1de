using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// What the attempts of one request came to so far. Kept outside of the loop that makes them, so that the outcome event tells of
/// every attempt, whatever ends the loop.
/// </summary>
internal sealed class AttemptsMade
{
    private readonly List<FailedAttempt> _failures = [];

    /// <summary>Attempts that were sent, or may have been.</summary>
    public int Count { get; private set; }
    public IReadOnlyList<FailedAttempt> Failures => _failures;

    /// <summary>An attempt leaves now.</summary>
    public void Began() => Count++;

    /// <summary>The breaker refused it: nothing was sent.</summary>
    public void WasNotSent() => Count--;

    public void Failed(PermittedDeployment target, Providers.ProviderFailure failure) =>
        _failures.Add(new FailedAttempt(target.Deployment.Id, failure));

    /// <param name="redactions">Findings replaced in the body of the last attempt.</param>
    public AttemptsResult Ended(int redactions) => new() { Attempts = Count, Failures = _failures, Redactions = redactions };
}
