using Npgsql;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>Makes the read model again from the event streams, in one transaction. Writers wait for it.</summary>
internal static class IndexRebuild
{
    private const int PageSize = 1_000;

    /// <param name="progress">Told how many events were read, and of how many.</param>
    /// <returns>How many events were read.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (NpgsqlCommand clear = new("TRUNCATE audit.audit_request, audit.open_request, audit.audit_notice, audit.suspension, audit.hand_off, audit.legal_hold, audit.key_in_use, audit.found_rollback", connection, transaction))
        {
            await clear.ExecuteNonQueryAsync(cancellationToken);
        }

        long total = 0;
        var all = progress is null ? 0 : await CountAsync(connection, transaction, cancellationToken);
        List<AuditEvent> switches = [];
        foreach (var (shard, stream, size) in await StreamsAsync(connection, transaction, cancellationToken))
        {
            for (long after = 0; ;)
            {
                var page = await PageAsync(connection, transaction, stream, after, size, cancellationToken);
                if (page.Count == 0)
                {
                    break;
                }

                RequestIndex index = new();
                var entries = page.ConvertAll(static stored => CanonicalJsonReader.Read(stored.Bytes));
                entries.ForEach(index.Add);

                await using NpgsqlBatch batch = new(connection, transaction);
                index.AddCommands(batch, shard);
                entries.ForEach(entry => HandOffs.AddCommand(batch, entry, shard));
                switches.AddRange(entries.Where(static entry => entry is DeploymentSuspended or DeploymentResumed or LegalHoldPlaced or LegalHoldLifted or KeyRotated or RollbackFound));
                if (batch.BatchCommands.Count > 0)
                {
                    await batch.ExecuteNonQueryAsync(cancellationToken);
                }

                total += page.Count;
                after = page[^1].Version;
                progress?.Invoke(total, all);
            }
        }

        // Of all shards together, in the order in which they happened.
        foreach (var entry in switches.OrderBy(static entry => entry.At).ThenBy(static entry => entry.Id))
        {
            await using NpgsqlBatch batch = new(connection, transaction);
            Suspensions.AddCommand(batch, entry);
            LegalHolds.AddCommand(batch, entry);
            KeysInUse.AddCommand(batch, entry);
            FoundRollbacks.AddCommand(batch, entry);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return total;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT coalesce(sum(size), 0)::bigint FROM audit.tlog_head WHERE retired_at IS NULL", connection, transaction);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<List<(string Shard, Guid Stream, long Size)>> StreamsAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT shard, stream_id, size FROM audit.tlog_head ORDER BY shard, epoch", connection, transaction);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<(string Shard, Guid Stream, long Size)> streams = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            streams.Add((rows.GetString(0), rows.GetGuid(1), rows.GetInt64(2)));
        }

        return streams;
    }

    // What stands outside of the log, in its stream, is no part of it.
    private static async Task<List<(long Version, byte[] Bytes)>> PageAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid stream, long after, long end, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT version, bdata FROM audit.mt_events WHERE stream_id = $1 AND version > $2 AND version <= $4 ORDER BY version LIMIT $3",
            connection,
            transaction);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(after);
        command.Parameters.AddWithValue(PageSize);
        command.Parameters.AddWithValue(end);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<(long Version, byte[] Bytes)> page = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            page.Add((rows.GetInt64(0), await rows.GetFieldValueAsync<byte[]>(1, cancellationToken)));
        }

        return page;
    }
}
