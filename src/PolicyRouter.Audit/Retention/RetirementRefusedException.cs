namespace PolicyRouter.Audit.Retention;

/// <summary>An epoch may not be retired, or is not what was recorded. It is as it was.</summary>
public sealed class RetirementRefusedException(string message) : Exception(message);
