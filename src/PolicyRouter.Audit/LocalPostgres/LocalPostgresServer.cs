using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>A private PostgreSQL for development, demos and tests: found, started and stopped by us.</summary>
/// <remarks>
/// Commits are as durable as in production (fsync, full page writes, checksums). The server listens on loopback with a password
/// made for it. PostgreSQL refuses to run as root: root runs it as <c>postgres</c> or <c>nobody</c>, and when that account cannot
/// reach the folder asked for (a home is 0700), the data lie in <c>/var/tmp/policyrouter-pg-HASH</c>, HASH from the folder's name.
/// </remarks>
public sealed class LocalPostgresServer : IAsyncDisposable
{
    private const int StartAttempts = 40;
    private const int PortAttempts = 100;
    private const int FirstPort = 20_000;
    private const int LastPort = 32_000;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly ServerProcess _process;
    private readonly ILogger _logger;

    private LocalPostgresServer(ServerProcess process, string connectionString, int processId, ILogger logger)
    {
        _process = process;
        _logger = logger;
        ConnectionString = connectionString;
        ProcessId = processId;
    }

    /// <summary>For the database <c>postgres</c>, as the superuser of this private server.</summary>
    public string ConnectionString { get; }

    /// <summary>Process id of the postmaster, for tests that kill it.</summary>
    public int ProcessId { get; }

    /// <summary>
    /// Starts a server whose data lies in <paramref name="dataFolder"/> (created when missing). It stops when this object is
    /// disposed and when this process dies, however it dies. A restarted server keeps its port and password when it can.
    /// </summary>
    /// <exception cref="LocalPostgresException">
    /// No binaries could be found or fetched (the message names the remedies), or the server did not start.
    /// </exception>
    public static async Task<LocalPostgresServer> StartAsync(string dataFolder, ILogger logger, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new LocalPostgresException("A private PostgreSQL is started on Linux and macOS only. Give a connection string.");
        }

        var account = await ServerAccount.ChooseAsync(cancellationToken);
        var binaries = await PostgresBinaries.FindAsync(account, cancellationToken);
        if (binaries is null)
        {
            await PostgresInstaller.TryInstallAsync(logger, cancellationToken);
            binaries = await PostgresBinaries.FindAsync(account, cancellationToken) ?? throw new LocalPostgresException(
                "No PostgreSQL was found on this machine and none could be fetched. Give a connection string, or set PG_BIN to a folder "
                + "that holds initdb and postgres, or install PostgreSQL.");
        }

        var folder = await ClusterFolder.PrepareAsync(dataFolder, account, logger, cancellationToken);
        await folder.InitializeAsync(binaries, account, cancellationToken);
        return await LaunchAsync(folder, binaries, account, logger, cancellationToken);
    }

    /// <summary>
    /// Connection string of the server that runs on <paramref name="dataFolder"/>, whoever started it; null when none runs.
    /// </summary>
    public static string? FindRunning(string dataFolder)
    {
        var requested = Path.GetFullPath(dataFolder);
        return ((string[])[requested, ClusterFolder.Substitute(requested)])
            .Select(static path => new ClusterFolder(path))
            .Where(static folder => folder.Postmaster() is { } process && ServerProcess.IsAlive(process))
            .Select(static folder => Connection(folder, folder.LastPort()))
            .FirstOrDefault();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _logger.ServerStopped(ProcessId);
    }

    private static async Task<LocalPostgresServer> LaunchAsync(
        ClusterFolder folder, PostgresBinaries binaries, ServerAccount account, ILogger logger, CancellationToken cancellationToken)
    {
        var said = "";
        for (var attempt = 0; attempt < StartAttempts; attempt++)
        {
            folder.RemoveStaleLock(logger);
            var port = FreePort(folder.LastPort());
            (var process, said) = await ServerProcess.StartAsync(Command(folder, binaries, account, port), logger, cancellationToken);
            if (process is not null)
            {
                folder.RememberPort(port);
                var id = folder.Postmaster() ?? throw new LocalPostgresException("The private PostgreSQL stopped right after its start.");
                logger.ServerStarted(port, id, folder.Path);
                return new LocalPostgresServer(process, Connection(folder, port), id, logger);
            }

            // The children of a killed server keep its memory for a moment, and a port may be taken between our look and its use.
            if (!said.Contains("shared memory block", StringComparison.Ordinal)
                && !said.Contains("could not bind", StringComparison.Ordinal))
            {
                break;
            }

            await Task.Delay(RetryPause, cancellationToken);
        }

        throw new LocalPostgresException($"The private PostgreSQL in {folder.Path} did not start: {said}");
    }

    private static IReadOnlyList<string> Command(ClusterFolder folder, PostgresBinaries binaries, ServerAccount account, int port)
    {
        string[] settings =
        [
            "listen_addresses=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"port={port}"),
            "unix_socket_directories=",
            "fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            "TimeZone=UTC",
            "log_timezone=UTC",
            "lc_messages=C",
            "shared_buffers=32MB",
            "max_connections=200",
            "logging_collector=off",
            "log_destination=stderr",
            // Statements and their values stay out of the server's own log.
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
        ];
        return account.Run([binaries.Postgres, "-D", folder.Data, .. settings.SelectMany(static setting => (string[])["-c", setting])]);
    }

    /// <summary>
    /// The port from before if nobody has it, else a free one below the range that kernels use for outgoing connections: a client
    /// that tries again and again while the server is down cannot end up on the server's own port.
    /// </summary>
    private static int FreePort(int preferred)
    {
        for (var attempt = 0; attempt < PortAttempts; attempt++)
        {
            var port = attempt == 0 && preferred > 0 ? preferred : RandomNumberGenerator.GetInt32(FirstPort, LastPort);
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException exception)
                when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody has it: the next turn looks elsewhere.
            }
        }

        throw new LocalPostgresException($"No free loopback port between {FirstPort} and {LastPort}.");
    }

    private static string Connection(ClusterFolder folder, int port) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = "policyrouter",
        Password = folder.Password(),
        Database = "postgres",
    }.ConnectionString;
}
