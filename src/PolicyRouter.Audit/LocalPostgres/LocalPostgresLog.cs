using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.LocalPostgres;

internal static partial class LocalPostgresLog
{
    [LoggerMessage(5001, LogLevel.Information, "Private PostgreSQL started on loopback port {Port}, process {ProcessId}, data in {Folder}")]
    public static partial void ServerStarted(this ILogger logger, int port, int processId, string folder);

    [LoggerMessage(5002, LogLevel.Information, "Private PostgreSQL stopped, process {ProcessId}")]
    public static partial void ServerStopped(this ILogger logger, int processId);

    [LoggerMessage(5003, LogLevel.Information, "No PostgreSQL found; fetching {Package} with {Tool}")]
    public static partial void Installing(this ILogger logger, string tool, string package);

    [LoggerMessage(5004, LogLevel.Warning, "Fetching PostgreSQL with {Tool} failed with exit code {ExitCode}")]
    public static partial void InstallFailed(this ILogger logger, string tool, int exitCode);

    [LoggerMessage(5005, LogLevel.Information, "The folder asked for cannot be reached by account {User}; the data lie in {Folder}")]
    public static partial void FolderMoved(this ILogger logger, string user, string folder);

    [LoggerMessage(5006, LogLevel.Information, "Removed the lock file of a server that no longer runs, process {ProcessId}")]
    public static partial void StaleLockRemoved(this ILogger logger, int processId);

    [LoggerMessage(5007, LogLevel.Debug, "postgres: {Line}")]
    public static partial void ServerLine(this ILogger logger, string line);

    [LoggerMessage(5008, LogLevel.Warning, "Private PostgreSQL did not stop in time and was killed, process {ProcessId}")]
    public static partial void ServerKilled(this ILogger logger, int processId);
}
