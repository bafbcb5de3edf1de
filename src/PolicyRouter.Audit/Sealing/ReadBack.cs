using Microsoft.Extensions.Logging;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Reads every event again soon after its commit, on a connection of its own, and builds a second tree from the bytes that come back:
/// a database or disk that keeps something else than it was given is found within a minute and not at the next audit.
/// </summary>
internal sealed class ReadBack(NpgsqlDataSource database, Func<ShardHead> head, Action<string> mismatched, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(20);
    private const int PageSize = 1_000;

    private MerkleStack _tree = new();
    private long _epoch;
    private readonly SemaphoreSlim _turn = new(1);
    private bool _reported;
    private bool _mismatched;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Pace, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken) && await TryCheckAsync(cancellationToken))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever stops it checks once more.
        }
    }

    /// <summary>Reads what was committed since the last time.</summary>
    /// <returns>False when it is not what was written: nothing after it can be told apart any more.</returns>
    public async Task<bool> TryCheckAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_mismatched)
            {
                return false;
            }

            foreach (var written in head().Since(_epoch))
            {
                if (written.Epoch != _epoch)
                {
                    (_tree, _epoch) = (new MerkleStack(), written.Epoch);
                }

                if (!await IsAsWrittenAsync(written, cancellationToken))
                {
                    return false;
                }
            }

            _reported = false;
            return true;
        }
#pragma warning disable CA1031 // The edge of the background loop: whatever keeps the database away, it is reported and tried again.
        catch (Exception away) when (away is not OperationCanceledException)
#pragma warning restore CA1031
        {
            if (!_reported)
            {
                _reported = true;
                logger.NotReadBack(away.GetType().Name);
            }

            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<bool> IsAsWrittenAsync(ShardHead written, CancellationToken cancellationToken)
    {
        var read = await ReadUpToAsync(written, cancellationToken);
        if (read is null && _tree.Root().AsSpan().SequenceEqual(written.Root))
        {
            return true;
        }

        _mismatched = true;
        mismatched($"The database does not give back what was recorded (shard {written.Shard}, epoch {written.Epoch}).");
        var where = read ?? await FirstOtherAsync(written, cancellationToken);
        AuditMeter.Mismatches.Add(1, new KeyValuePair<string, object?>("shard", written.Shard));
        logger.ReadBackMismatch(written.Shard, written.Epoch, where);
        return false;
    }

    /// <returns>The index that is missing; null when there are as many events as were written.</returns>
    private async Task<long?> ReadUpToAsync(ShardHead written, CancellationToken cancellationToken)
    {
        while (_tree.Size < written.Size)
        {
            await using var command = database.CreateCommand(
                "SELECT version - 1, bdata FROM audit.mt_events WHERE stream_id = $1 AND version > $2 AND version <= $3 ORDER BY version LIMIT $4");
            command.Parameters.AddWithValue(written.Stream);
            command.Parameters.AddWithValue(_tree.Size);
            command.Parameters.AddWithValue(written.Size);
            command.Parameters.AddWithValue(PageSize);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            var buffer = new byte[CanonicalJson.MaxBytes];
            var before = _tree.Size;
            while (await rows.ReadAsync(cancellationToken))
            {
                if (rows.GetInt64(0) != _tree.Size)
                {
                    return _tree.Size;
                }

                _tree.Append(TreeHash.Leaf(Bytes(rows, buffer)));
            }

            AuditMeter.ReadBack.Add(_tree.Size - before, new KeyValuePair<string, object?>("shard", written.Shard));
            if (_tree.Size == before)
            {
                return before;
            }
        }

        return null;
    }

    private static ReadOnlySpan<byte> Bytes(NpgsqlDataReader row, byte[] buffer)
    {
        if (row.IsDBNull(1))
        {
            return [];
        }

        var length = row.GetBytes(1, 0, null, 0, 0);
        if (length > buffer.Length)
        {
            // Larger than any event that the log takes: somebody else's.
            return row.GetFieldValue<byte[]>(1);
        }

        row.GetBytes(1, 0, buffer, 0, (int)length);
        return buffer.AsSpan(0, (int)length);
    }

    /// <summary>Where the stored events leave the recorded leaf hashes; -1 when these were changed as well, or cannot be read.</summary>
    private async Task<long> FirstOtherAsync(ShardHead written, CancellationToken cancellationToken)
    {
        try
        {
            return await FindFirstOtherAsync(written, cancellationToken);
        }
        catch (NpgsqlException)
        {
            // That something is wrong is what matters, and was said already.
            return -1;
        }
    }

    private async Task<long> FindFirstOtherAsync(ShardHead written, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using NpgsqlCommand command = new(
            """
            SELECT min(e.version - 1) FROM audit.mt_events e JOIN audit.tlog_batch b
                ON b.shard = $1 AND b.epoch = $2 AND e.version - 1 >= b.first AND e.version - 1 < b.first + b.n
            WHERE e.stream_id = $3 AND sha256('\x00'::bytea || e.bdata) <> substring(b.leaf_hashes FROM ((e.version - 1 - b.first) * 32 + 1)::int FOR 32)
            """,
            connection);
        command.Parameters.AddWithValue(written.Shard);
        command.Parameters.AddWithValue(written.Epoch);
        command.Parameters.AddWithValue(written.Stream);
        return await command.ExecuteScalarAsync(cancellationToken) as long? ?? -1;
    }
}
