using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// Makes the read models again from the recorded events, while no gateway leads their projections. Sums of retired epochs, whose events are in archives, stay as they are.
/// </summary>
public sealed class ProjectionRebuild : IAsyncDisposable
{
    // The daemon's default of five minutes is less than a long history takes.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(7);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly string _connectionString;
    private readonly NpgsqlConnection _turn;

    private ProjectionRebuild(string connectionString, NpgsqlConnection turn) => (_connectionString, _turn) = (connectionString, turn);

    /// <summary>Takes the leader's place, until it is disposed of.</summary>
    /// <exception cref="RebuildRefusedException">A gateway leads.</exception>
    /// <exception cref="AuditUnavailableException">The database cannot be reached.</exception>
    public static async Task<ProjectionRebuild> TakeAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Not pooled: the end of the connection is the end of the locks.
        NpgsqlConnection turn = new(AuditConnectionString.ForOnce(connectionString));
        try
        {
            await turn.OpenAsync(cancellationToken);
            return await LeaderLock.TryLockAsync(turn, cancellationToken)
                ? new ProjectionRebuild(connectionString, turn)
                : throw new RebuildRefusedException(
                    "A gateway keeps the projections now. Stop the gateways on this database, or start them with Audit:Projections=false, and try again.");
        }
        catch (Exception failure)
        {
            await turn.DisposeAsync();
            if (failure is NpgsqlException)
            {
                throw new AuditUnavailableException("The audit database cannot be reached.", failure);
            }

            throw;
        }
    }

    /// <summary>
    /// Counts the events of one projection again. If this ends early, whoever leads next goes on from where it was: the sums are behind then, and never wrong.
    /// </summary>
    /// <param name="projection">One of <see cref="ProjectionNames.All"/>.</param>
    /// <param name="progress">Told the sequence number reached and the last one; from any thread.</param>
    /// <returns>How many rows of sums there are now.</returns>
    /// <exception cref="AuditUnavailableException">The database cannot be read, or was lost.</exception>
    public async Task<long> SumsAsync(string projection, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        var table = ProjectionStore.Projections().Single(one => one.Name == projection).Table;
        try
        {
            await ForgetAsync(projection, table, cancellationToken);
            var last = await LastAsync(cancellationToken);
            await using var database = AuditConnectionString.OpenPool(AuditConnectionString.ForProjections(_connectionString, "rebuild"));
            await using (var store = ProjectionStore.Open(database))
            {
                using var daemon = (IProjectionDaemon)await store.BuildProjectionDaemonAsync(logger: NullLogger.Instance);
                var running = daemon.RebuildProjectionAsync(projection, Patience, cancellationToken);
                await WatchAsync(running, projection, last, progress, cancellationToken);
                await running;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var reached = await ReachedAsync(projection, cancellationToken);
            return reached >= last
                ? await CountAsync(table, cancellationToken)
                : throw new AuditUnavailableException($"Only {reached} of {last} were read; a gateway with Audit:Projections goes on from there, or run this again.");
        }
        catch (Exception failure) when (failure is NpgsqlException or EventLoaderException or ShardStartException or ShardStopException or TimeoutException)
        {
            throw new AuditUnavailableException("The audit database was lost, or cannot be read.", failure);
        }
    }

    /// <summary>Makes the rows of requests again, in one transaction for which writers would have to wait.</summary>
    /// <param name="progress">Told how many events were read, and of how many.</param>
    /// <returns>How many events were read.</returns>
    /// <exception cref="RebuildRefusedException">Writers are connected.</exception>
    /// <exception cref="AuditUnavailableException">The database cannot be read, or was lost.</exception>
    public async Task<long> IndexAsync(Action<long, long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlCommand command = new("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND starts_with(application_name, $1)", _turn);
            command.Parameters.AddWithValue(AuditConnectionString.WriterName);
            var writers = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            return writers == 0
                ? await IndexRebuild.RunAsync(_turn, progress, cancellationToken)
                : throw new RebuildRefusedException($"{writers} writers are connected, and would refuse requests while the index is made again. Stop the gateways on this database and try again.");
        }
        catch (NpgsqlException failure)
        {
            throw new AuditUnavailableException("The audit database was lost, or cannot be read.", failure);
        }
    }

    public ValueTask DisposeAsync() => _turn.DisposeAsync();

    /// <summary>Sums and progress in one transaction: there is no moment at which one of them stands for something else than the other.</summary>
    private async Task ForgetAsync(string projection, string table, CancellationToken cancellationToken)
    {
        // A retirement that has found its epochs counted ends before; one that begins afterwards finds that they are not.
        await using var retiring = await RetentionTurn.TakeAsync(_connectionString, cancellationToken);
        await using var transaction = await _turn.BeginTransactionAsync(cancellationToken);
        await using NpgsqlCommand sums = new(
            $"""
            DELETE FROM {table} t
            WHERE NOT EXISTS (SELECT FROM audit.tlog_head h WHERE h.shard = t.shard AND h.epoch IN (t.epoch, t.decided_epoch) AND h.retired_at IS NOT NULL)
            """,
            _turn,
            transaction) { CommandTimeout = 0 };
        await sums.ExecuteNonQueryAsync(cancellationToken);
        await using NpgsqlCommand forget = new("DELETE FROM audit.mt_event_progression WHERE name = $1", _turn, transaction);
        forget.Parameters.AddWithValue(ProjectionStanding.ProgressName(projection));
        await forget.ExecuteNonQueryAsync(cancellationToken);
        await using NpgsqlCommand restart = new("DELETE FROM audit.projection_reach WHERE projection = $1", _turn, transaction);
        restart.Parameters.AddWithValue(projection);
        await restart.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task WatchAsync(Task running, string projection, long last, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        while (!running.IsCompleted)
        {
            if (progress is not null)
            {
                progress(Math.Min(await ReachedAsync(projection, cancellationToken), last), last);
            }

            await Task.WhenAny(running, Task.Delay(LookEvery, TimeProvider.System, cancellationToken));
        }

        progress?.Invoke(last, last);
    }

    private Task<long> LastAsync(CancellationToken cancellationToken) => NumberAsync("SELECT coalesce(max(seq_id), 0) FROM audit.mt_events", null, cancellationToken);

    private Task<long> ReachedAsync(string projection, CancellationToken cancellationToken) => NumberAsync(
        "SELECT coalesce(max(last_seq_id), 0) FROM audit.mt_event_progression WHERE name = $1", ProjectionStanding.ProgressName(projection), cancellationToken);

    private Task<long> CountAsync(string table, CancellationToken cancellationToken) => NumberAsync($"SELECT count(*) FROM {table}", null, cancellationToken);

    private async Task<long> NumberAsync(string sql, string? parameter, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(sql, _turn) { CommandTimeout = 0 };
        if (parameter is not null)
        {
            command.Parameters.AddWithValue(parameter);
        }

        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
