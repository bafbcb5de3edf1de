using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Retention;

/// <summary>
/// Retiring, holding and erasing wait for one another, on whatever machine they run: a hold that is placed is seen by the next retirement, and no retirement goes on beside it.
/// </summary>
public sealed class RetentionTurn : IAsyncDisposable
{
    // This product's own number.
    private const long Lock = 4_718_390_116;

    private readonly NpgsqlConnection _connection;

    private RetentionTurn(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Waits for the turn and keeps it until it is disposed.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be reached.</exception>
    public static async Task<RetentionTurn> TakeAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Not pooled: the end of the connection is the end of the turn.
        NpgsqlConnection connection = new(AuditConnectionString.ForOnce(connectionString));
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using NpgsqlCommand command = new($"SELECT pg_advisory_lock({Lock})", connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new RetentionTurn(connection);
        }
        catch (Exception failure)
        {
            await connection.DisposeAsync();
            if (failure is NpgsqlException)
            {
                throw new AuditUnavailableException("The audit database cannot be reached.", failure);
            }

            throw;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
