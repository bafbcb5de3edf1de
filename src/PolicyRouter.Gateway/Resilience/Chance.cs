namespace PolicyRouter.Gateway.Resilience;

/// <summary>Random numbers that only spread load: who waits how long, who gets a share. Tests give a seed. Thread-safe.</summary>
internal sealed class Chance(Random random)
{
    private readonly Lock _gate = new();

    /// <summary>True for this share of the calls: never for 0, always for 1.</summary>
    public bool Draw(double share) => share >= 1 || (share > 0 && Next() < share);

    /// <summary>A time between the two.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Next());

    private double Next()
    {
        lock (_gate)
        {
            return random.NextDouble();
        }
    }
}
