namespace PolicyRouter.Audit.Reading;

/// <summary>One request in a history page.</summary>
public sealed record DecisionSummary(
    Guid Id, DateTimeOffset At, string App, string Tenant, string Route, string Outcome, string? RefusalCode, IReadOnlyList<string> Classes,
    string PolicyVersion, IReadOnlyList<string> AuthorizedDeployments, string? AnsweredBy, string? End, int Redactions);
