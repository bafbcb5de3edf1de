using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.LocalPostgres;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// The database of the log: the one named on the command line, else the one of the environment, else the private one of the
/// development folder, which is started for the question when no gateway runs on it.
/// </summary>
internal sealed class AuditDatabase : IAsyncDisposable
{
    private const string Variable = "POLICYROUTER__Audit__ConnectionString";

    private readonly LocalPostgresServer? _started;

    private AuditDatabase(string connectionString, bool isPrivate, LocalPostgresServer? started)
    {
        ConnectionString = connectionString;
        IsPrivate = isPrivate;
        _started = started;
    }

    public string ConnectionString { get; }

    /// <summary>True for the database of the development folder.</summary>
    public bool IsPrivate { get; }

    /// <exception cref="WrongConnectionStringException">What is named is no connection string.</exception>
    /// <exception cref="LocalPostgresException">There is no log here, or its database does not start.</exception>
    public static async Task<AuditDatabase> OpenAsync(string? named, CancellationToken cancellationToken)
    {
        if ((string.IsNullOrWhiteSpace(named) ? Environment.GetEnvironmentVariable(Variable) : named) is { Length: > 0 } given)
        {
            return new AuditDatabase(WrongConnectionStringException.Require(given), isPrivate: false, null);
        }

        var folder = DevelopmentHome.Open().DatabaseFolder;
        if (LocalPostgresServer.FindRunning(folder) is { } running)
        {
            return new AuditDatabase(running, isPrivate: true, null);
        }

        if (!Directory.Exists(folder))
        {
            throw new LocalPostgresException($"No audit log is named and none lies in {folder}. Give --database CONN, or set {Variable}.");
        }

        var started = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, cancellationToken);
        return new AuditDatabase(started.ConnectionString, isPrivate: true, started);
    }

    public ValueTask DisposeAsync() => _started?.DisposeAsync() ?? ValueTask.CompletedTask;
}
