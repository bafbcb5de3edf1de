namespace PolicyRouter.Audit.Reading;

/// <summary>One request in a history page.</summary>
public sealed record DecisionSummary(
    Guid Id, DateTimeOffset At, string App, string Tenant, string Route, string Outcome, string? RefusalCode, IReadOnlyList<string> Classes,
    string PolicyVersion, IReadOnlyList<string> AuthorizedDeployments, string? AnsweredBy, string? End, int Redactions)
{
    /// <summary>Sends that were authorised.</summary>
    public int Attempts { get; init; }

    // What follows is null until the request has ended, and where its end does not say it.

    /// <summary>From the decision to the end, in milliseconds.</summary>
    public long? DurationMs { get; init; }
    public int? HttpStatus { get; init; }
    public long? InputTokens { get; init; }
    public long? OutputTokens { get; init; }

    /// <summary>Model id the provider says it used.</summary>
    public string? Model { get; init; }
}
