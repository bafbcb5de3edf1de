using System.Diagnostics;

namespace PolicyRouter.Benchmarks.Proxying;

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
