namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>One stretch of load against one contender.</summary>
/// <param name="Latencies">Microseconds, sorted.</param>
/// <param name="CpuMicroseconds">User and system time of the contender's process during the stretch; 0 for direct.</param>
internal sealed record LoadResult(TimeSpan Elapsed, IReadOnlyList<double> Latencies, double CpuMicroseconds)
{
    public double PerSecond => Latencies.Count / Elapsed.TotalSeconds;
    public double CpuPerRequest => CpuMicroseconds / Latencies.Count;
    public double Percentile(double share) => Latencies[(int)Math.Min(Latencies.Count - 1, share * Latencies.Count)];
}
