using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;

namespace PolicyRouter.Testing;

/// <summary>Streaming replication between private servers, as whoever runs a database sets it up.</summary>
public static class StandbyServer
{
    /// <summary>Why there can be no standby on this machine; null when there can.</summary>
    public static async Task<string?> MissingAsync() => await ToolAsync() is null ? "pg_basebackup is missing: PostgreSQL's client programs are not installed." : null;

    /// <summary>Copies a server while it runs and starts the copy as its standby. Returns when it follows; commits of the primary do not wait for it yet.</summary>
    /// <param name="folder">For its data; new.</param>
    /// <param name="port">Where it listens; null for any free port.</param>
    public static async Task<LocalPostgresServer> FollowAsync(LocalPostgresServer primary, string folder, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(primary);
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("A private PostgreSQL is started on Linux and macOS only.");
        }

        NpgsqlConnectionStringBuilder from = new(primary.ConnectionString);
        var account = await ServerAccount.ChooseAsync(CancellationToken.None);
        var copy = await ClusterFolder.PrepareAsync(folder, account, NullLogger.Instance, CancellationToken.None);
        var start = ToolProcess.Describe(account.Run(
            await ToolAsync() ?? throw new LocalPostgresException("There is no pg_basebackup."), "--host", from.Host!, "--port", from.Port.ToString(CultureInfo.InvariantCulture),
            "--username", from.Username!, "--pgdata", copy.Data, "--wal-method", "stream", "--checkpoint", "fast", "--write-recovery-conf"));
        start.Environment["PGPASSWORD"] = from.Password;
        var copied = await ToolProcess.RunAsync(start, CancellationToken.None);
        if (!copied.Succeeded)
        {
            throw new LocalPostgresException($"The server could not be copied: {copied.Complaint}");
        }

        await File.WriteAllTextAsync(Path.Combine(copy.Path, "password"), from.Password);
        copy.RememberPort(port ?? 0);
        var standby = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        await UntilAsync(primary, "SELECT count(*) > 0 FROM pg_stat_replication WHERE state = 'streaming'");
        return standby;
    }

    /// <summary>From here on no commit of the primary is answered before the standby has it on its disk.</summary>
    public static async Task WaitForItAsync(LocalPostgresServer primary)
    {
        await ExecuteAsync(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync(primary, "SELECT pg_reload_conf()");
        await UntilAsync(primary, "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'");
    }

    /// <summary>Cuts a standby off from its primary, which does not notice: what is committed from here on is not on it.</summary>
    public static async Task CutOffAsync(LocalPostgresServer standby)
    {
        await ExecuteAsync(standby, "ALTER SYSTEM SET primary_conninfo = ''");
        await ExecuteAsync(standby, "SELECT pg_reload_conf()");
        await UntilAsync(standby, "SELECT count(*) = 0 FROM pg_stat_wal_receiver");
    }

    /// <summary>Makes a standby the primary. Returns when it takes writes.</summary>
    public static Task PromoteAsync(LocalPostgresServer standby) => UntilAsync(standby, "SELECT pg_promote(true, 60)");

    /// <summary>One connection string for both: whichever of them takes writes.</summary>
    public static string Both(LocalPostgresServer one, LocalPostgresServer other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        NpgsqlConnectionStringBuilder first = new(one.ConnectionString);
        NpgsqlConnectionStringBuilder second = new(other.ConnectionString);
        first.Host = string.Create(CultureInfo.InvariantCulture, $"{first.Host}:{first.Port},{second.Host}:{second.Port}");
        first.Remove("Port");
        return first.ConnectionString;
    }

    private static async Task<string?> ToolAsync()
    {
        var binaries = await PostgresBinaries.FindAsync(await ServerAccount.ChooseAsync(CancellationToken.None), CancellationToken.None);
        var tool = binaries is null ? null : Path.Combine(binaries.Folder, "pg_basebackup");
        return File.Exists(tool) ? tool : null;
    }

    private static Task UntilAsync(LocalPostgresServer server, string question) => Eventually.HoldsAsync(() => Sql.ScalarAsync<bool>(server.ConnectionString, question));

    private static Task<int> ExecuteAsync(LocalPostgresServer server, string sql) => Sql.ExecuteAsync(server.ConnectionString, sql);
}
