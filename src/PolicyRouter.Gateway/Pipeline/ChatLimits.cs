namespace PolicyRouter.Gateway.Pipeline;

/// <summary>Bounds of one chat request.</summary>
public sealed record ChatLimits
{
    /// <summary>Largest request body read into memory, in bytes. Larger ones get 413 before any scanning. Default 4 MiB.</summary>
    public int MaxBodyBytes { get; init; } = 4 * 1_048_576;

    /// <summary>From admission to the first byte of an answer, all attempts together. Default 5 minutes.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromMinutes(5);
}
