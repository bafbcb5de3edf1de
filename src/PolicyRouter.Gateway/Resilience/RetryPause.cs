namespace PolicyRouter.Gateway.Resilience;

/// <summary>What callers are told to wait before they ask again: so long that it may help, and spread, so that those who wait do not come back together.</summary>
internal static class RetryPause
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(6);

    /// <param name="soonest">When it may help at the earliest, from now.</param>
    public static TimeSpan After(TimeSpan soonest, Chance chance)
    {
        var least = TimeSpan.FromTicks(Math.Clamp(soonest.Ticks, Shortest.Ticks, Longest.Ticks));
        return chance.Between(least, least + least + Spread);
    }
}
