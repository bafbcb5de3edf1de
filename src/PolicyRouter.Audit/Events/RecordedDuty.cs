namespace PolicyRouter.Audit.Events;

/// <summary>A duty that binds a deployment for this request.</summary>
public sealed record RecordedDuty(string Deployment, string Rule, string? Redact);
