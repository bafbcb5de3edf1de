namespace PolicyRouter.Gateway.Admission;

/// <summary>What one app may do. 0 is no limit.</summary>
internal readonly record struct AppLimits(int InFlight, int RequestsPerMinute, int TokensPerMinute);
