using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reporting;

/// <summary>A request with an end, as far as incidents are concerned.</summary>
internal sealed record EndedRequest(RequestDecided Decided, RequestCompleted End, RequestFate Fate)
{
    /// <summary>Failures that speak about the provider.</summary>
    public IReadOnlyList<AttemptFailure> Failures { get; } = [.. AttemptFailure.Of(End).Where(static failure => failure.IsProviders)];

    /// <summary>The deployment that showed with this request that it answers.</summary>
    public string? Answering => Fate is RequestFate.Answered or RequestFate.CallerLeft ? End.Deployment : null;

    /// <summary>Deployments that the request was kept away from: put last in its plan, or all of the plan when every breaker was open.</summary>
    public IReadOnlyList<string> KeptAwayFrom { get; } =
        Fate == RequestFate.Unserved && End is { Attempts: 0, Failures.Count: 0 } ? Decided.Plan : Decided.Avoided;
}
