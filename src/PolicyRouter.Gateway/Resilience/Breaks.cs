namespace PolicyRouter.Gateway.Resilience;

/// <summary>The times that the breakers of deployments and of domains share.</summary>
internal static class Breaks
{
    /// <summary>What is looked at to decide whether to open.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>When nobody else can be asked, trials are at least this far apart, and one at a time: whoever has nowhere else to go finds out at once that it is back.</summary>
    public static readonly TimeSpan BetweenTrials = TimeSpan.FromMilliseconds(100);

    /// <summary>5 s, then twice as long after every failed trial, up to a minute.</summary>
    public static TimeSpan LengthOf(int failedTrials) => TimeSpan.FromSeconds(Math.Min(60, 5 * Math.Pow(2, Math.Min(failedTrials, 4))));
}
