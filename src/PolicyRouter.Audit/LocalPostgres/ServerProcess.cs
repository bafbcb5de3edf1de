using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>
/// A running postmaster. It is the child of a shell that reads a pipe from us and stops the server when that pipe closes:
/// the kernel closes it however this process ends, SIGKILL included.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // INT is PostgreSQL's fast shutdown. The shell ignores terminal signals, and the server gets a session of its own: Ctrl+C
    // must not take the database away from a host that is still finishing its requests.
    private const string KeeperScript =
        """
        trap '' INT HUP QUIT TERM
        if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; fi
        "$@" </dev/null &
        server=$!
        cat >/dev/null
        kill -INT "$server" 2>/dev/null
        wait "$server"
        """;

    private const int LinesKept = 20;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly Process _keeper;
    private readonly ILogger _logger;
    private readonly Queue<string> _lastLines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process keeper, ILogger logger)
    {
        _keeper = keeper;
        _logger = logger;
    }

    /// <summary>Starts the server and waits until it accepts connections or gives up.</summary>
    /// <returns>The process; or null and what the server said when it did not start.</returns>
    public static async Task<(ServerProcess? Process, string Said)> StartAsync(
        IReadOnlyList<string> command, ILogger logger, CancellationToken cancellationToken)
    {
        var start = ToolProcess.Describe(["/bin/sh", "-c", KeeperScript, "sh", .. command]);
        var keeper = Process.Start(start) ?? throw new LocalPostgresException("/bin/sh did not start.");
        ServerProcess server = new(keeper, logger);
        keeper.ErrorDataReceived += server.OnLine;
        keeper.BeginErrorReadLine();
        try
        {
            var first = await Task.WhenAny(server._ready.Task, server._outputEnded.Task).WaitAsync(StartLimit, cancellationToken);
            if (first == server._ready.Task)
            {
                return (server, "");
            }
        }
        catch (TimeoutException)
        {
            // Falls through: what it said is the answer.
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        await server.DisposeAsync();
        lock (server._lastLines)
        {
            return (null, string.Join(' ', server._lastLines));
        }
    }

    /// <summary>Whether the process runs; a zombie waits for its parent and runs no more.</summary>
    public static bool IsAlive(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            try
            {
                using var process = Process.GetProcessById(processId);
                return !process.HasExited;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        try
        {
            // pid (name) STATE ...; a name may hold parentheses, the last one ends it.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            var end = stat.LastIndexOf(')');
            return stat.AsSpan(0, end).Contains("postgres", StringComparison.Ordinal) && stat[end + 2] is not ('Z' or 'X');
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        try
        {
            await _keeper.WaitForExitAsync().WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            _logger.ServerKilled(_keeper.Id);
            _keeper.Kill(entireProcessTree: true);
        }

        _keeper.Dispose();
    }

    private void OnLine(object sender, DataReceivedEventArgs received)
    {
        if (received.Data is not { } line)
        {
            _outputEnded.TrySetResult();
            return;
        }

        _logger.ServerLine(line);
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > LinesKept)
            {
                _lastLines.Dequeue();
            }
        }

        // Connections; or read-only connections, if it is a standby.
        if (line.Contains("database system is ready to accept", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
