using System.Globalization;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>CPU time of a PostgreSQL, all its processes together, from Linux's own accounting (proc(5)).</summary>
internal static class DatabaseCpu
{
    // sysconf(_SC_CLK_TCK) is 100 on every Linux that .NET runs on.
    private const double MicrosecondsPerTick = 10_000;

    /// <summary>Microseconds; null where there is no /proc. Time of processes that have ended is in their parent's.</summary>
    public static double? Microseconds(int postmaster)
    {
        if (!Directory.Exists("/proc/self"))
        {
            return null;
        }

        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Fields(id) is { } fields
                && (id == postmaster || fields[1] == postmaster.ToString(CultureInfo.InvariantCulture)))
            {
                ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                ticks += id == postmaster ? long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture) : 0;
            }
        }

        return ticks * MicrosecondsPerTick;
    }

    // The fields behind the name, which may hold spaces and parentheses: state, parent, ..., utime (11), stime, cutime, cstime.
    private static string[]? Fields(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return null;
        }
    }
}
