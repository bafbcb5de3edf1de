namespace PolicyRouter.Gateway.Resilience;

/// <summary>Where a target stands, best first.</summary>
internal enum Standing
{
    Ready,

    /// <summary>Just back: it gets a growing share of the requests.</summary>
    Starting,
    Demoted,

    /// <summary>It usually takes longer to its first byte than this request has left.</summary>
    Late,
    Ejected,

    /// <summary>Its breaker, or that of a failure domain, is open: an attempt would be refused.</summary>
    Down,
}

/// <param name="Why">In fixed words and names of the policy's files; empty for <see cref="Standing.Ready"/>.</param>
/// <param name="Share">The part of the requests for which it keeps the place the route gives it.</param>
internal readonly record struct TargetStanding(Standing Standing, string Why, double Share)
{
    /// <summary>What a target gets whose answers are not good, so that better ones can be noticed.</summary>
    public const double TrialShare = 0.1;

    public static TargetStanding Ready { get; } = new(Standing.Ready, "", Share: 1);
}
