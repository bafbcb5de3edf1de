using System.Diagnostics;

namespace PolicyRouter.Benchmarks;

/// <summary>One stretch of load against one contender.</summary>
/// <param name="Latencies">Microseconds, sorted.</param>
/// <param name="CpuMicroseconds">User and system time of the contender's process during the stretch; 0 for direct.</param>
internal sealed record LoadResult(TimeSpan Elapsed, IReadOnlyList<double> Latencies, double CpuMicroseconds)
{
    public double PerSecond => Latencies.Count / Elapsed.TotalSeconds;
    public double CpuPerRequest => CpuMicroseconds / Latencies.Count;
    public double Percentile(double share) => Latencies[(int)Math.Min(Latencies.Count - 1, share * Latencies.Count)];
}

/// <summary>CPU time and memory of another process, from its own accounting.</summary>
internal static class ProcessCpu
{
    public static double Microseconds(Process? process)
    {
        if (process is null)
        {
            return 0;
        }

        process.Refresh();
        return process.TotalProcessorTime.TotalMicroseconds;
    }

    /// <summary>Resident set in MiB; 0 for direct.</summary>
    public static double ResidentMiB(Process? process)
    {
        if (process is null)
        {
            return 0;
        }

        process.Refresh();
        return process.WorkingSet64 / 1_048_576.0;
    }
}
