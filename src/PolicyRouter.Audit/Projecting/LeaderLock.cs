using System.Data;
using Npgsql;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// The right to keep the projections of a database: a lock of one connection that nothing else uses, so that the server frees it when this process or its machine is gone.
/// </summary>
/// <param name="connectionString">See <see cref="AuditConnectionString.ForLeaderLock"/>.</param>
internal sealed class LeaderLock(string connectionString) : IAsyncDisposable
{
    /// <summary>This product's own number; other locks have others.</summary>
    public const int Number = 471_839;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile NpgsqlConnection? _connection;

    /// <summary>False within seconds of the loss of the connection, which is asked every few seconds.</summary>
    public bool IsHeld => _connection is { } connection && connection.FullState is ConnectionState.Open or ConnectionState.Connecting;

    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (IsHeld)
            {
                return true;
            }

            await CloseAsync();
            NpgsqlConnection connection = new(connectionString);
            try
            {
                await connection.OpenAsync(cancellationToken);
                if (await TryLockAsync(connection, cancellationToken))
                {
                    _connection = connection;
                    return true;
                }
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }

            await connection.DisposeAsync();
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes it on a connection that is open, for as long as that is.</summary>
    public static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT pg_try_advisory_lock($1)", connection);
        command.Parameters.AddWithValue((long)Number);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task ReleaseAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await CloseAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        _turn.Dispose();
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
