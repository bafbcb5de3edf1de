namespace PolicyRouter.Audit.Events;

/// <summary>One person's approval of one request under one rule.</summary>
/// <param name="Id">The approval's own id. It counts once.</param>
public sealed record RecordedApproval(string Id, string Rule, string Role, string Person);
