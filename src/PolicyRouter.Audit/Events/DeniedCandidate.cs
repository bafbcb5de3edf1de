namespace PolicyRouter.Audit.Events;

/// <summary>Why one deployment was not permitted: rule ids and the fixed words, sorted.</summary>
public sealed record DeniedCandidate(string Deployment, IReadOnlyList<string> Rules);
