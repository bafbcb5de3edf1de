using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What the manifests of <c>docs/deploy</c> ask for is what the gateway needs: it serves as user 1654, without rights, with nothing to write to but <c>/tmp</c>.</summary>
public sealed class ReadOnlyRootTests
{
    private const int User = 1654;

    [SkippableFact]
    public async Task Gateway_Serves_AsAnotherUser_OnAReadOnlyRoot()
    {
        Skip.IfNot(await IsConfinementPossibleAsync(), "bwrap (bubblewrap) is not installed, or this machine lets nobody make user namespaces.");
        await using var gateway = await GatewayUnderTest.StartAsync();
        var home = Path.GetDirectoryName(gateway.Stack.Policies)!;

        using var serve = await ServeProcess.StartAsync(
            gateway.Stack.Policies, gateway.Stack.ConnectionString, gateway.Token("app"),
            new Dictionary<string, string> { ["Audit__Shard"] = "confined", ["Limits__DrainSeconds"] = "0" },
            // The program, too, may lie under /tmp.
            [.. Confinement, "--ro-bind", AppContext.BaseDirectory, AppContext.BaseDirectory, "--ro-bind", home, home, "--chdir", home]);

        using var ready = await serve.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var answer = await serve.AskAsync(new JsonObject { ["model"] = "clinical-chat", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Summarise." }) });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static string[] Confinement { get; } =
    [
        "bwrap", "--ro-bind", "/", "/", "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--unshare-pid", "--cap-drop", "ALL", "--die-with-parent",
        "--uid", User.ToString(CultureInfo.InvariantCulture), "--gid", User.ToString(CultureInfo.InvariantCulture), "--setenv", "DOTNET_EnableDiagnostics", "0",
    ];

    private static async Task<bool> IsConfinementPossibleAsync()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "bwrap"))))
        {
            return false;
        }

        // Says who it is, and that it cannot write.
        ProcessStartInfo start = new(Confinement[0], [.. Confinement[1..], "/bin/sh", "-c", "id -u; touch /usr/written 2>/dev/null || echo read-only"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var probe = Process.Start(start)!;
        var said = await probe.StandardOutput.ReadToEndAsync();
        await probe.WaitForExitAsync();
        if (probe.ExitCode != 0)
        {
            return false;
        }

        Assert.Equal($"{User}\nread-only\n", said);
        return true;
    }
}
