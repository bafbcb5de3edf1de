using System.Diagnostics;
using System.Globalization;

namespace PolicyRouter.Audit.Tests.Faults;

/// <summary>Signals to processes the tests started.</summary>
internal static class Signal
{
    public static Task StopAsync(int processId) => SendAsync("-STOP", processId);

    public static Task ContinueAsync(int processId) => SendAsync("-CONT", processId);

    /// <summary>SIGKILL to the postmaster and all of its children.</summary>
    public static void KillServer(int processId)
    {
        using var postmaster = Process.GetProcessById(processId);
        postmaster.Kill(entireProcessTree: true);
    }

    private static async Task SendAsync(string signal, int processId)
    {
        using var kill = Process.Start("/bin/kill", [signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
