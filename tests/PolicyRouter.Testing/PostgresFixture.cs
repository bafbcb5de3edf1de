using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;

namespace PolicyRouter.Testing;

/// <summary>
/// One real PostgreSQL per test process, started at the first use and stopped when the process ends; a fresh database for
/// whoever asks.
/// </summary>
public static class PostgresFixture
{
    private static readonly Lazy<Task<LocalPostgresServer>> Server = new(StartAsync);
    private static int _databases;

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> CreateDatabaseAsync()
    {
        var server = await Server.Value;
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;
    }

    private static async Task<LocalPostgresServer> StartAsync()
    {
        RemoveOrphans();
        var folder = TestFolder.Create("pg");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Directory.Delete(folder, recursive: true);
        };
        return server;
    }

    private static void RemoveOrphans()
    {
        foreach (var orphan in TestFolder.Orphans("pg").Where(static folder => LocalPostgresServer.FindRunning(folder) is null))
        {
            try
            {
                Directory.Delete(orphan, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another test process removes it too, or it belongs to somebody else.
            }
        }
    }
}
