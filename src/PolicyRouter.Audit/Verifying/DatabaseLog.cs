using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Verifying;

/// <summary>The head of one log as the database has it.</summary>
/// <param name="Number">The log's place among all of them, in the order in which they were opened; from 1.</param>
/// <param name="IsClosed">Nothing is added to it any more.</param>
/// <param name="IsRetired">Its events were taken out of the database; size, root and the tree's right edge are what is left.</param>
internal sealed record StoredHead(string Shard, long Epoch, Guid Stream, long Size, byte[]? Root, byte[]? Stack, long Number, bool IsClosed, bool IsRetired);

/// <summary>Everything that the database says about the logs, at one instant.</summary>
internal sealed class DatabaseLog : IAsyncDisposable
{
    private const int EntriesPerPage = 2_000;

    // Not awaited by anybody: they may be recorded long after they happened, when the database was away.
    private static readonly string[] StrictlyTimed =
    [
        EventTypes.RequestDecided, EventTypes.AttemptAuthorized, EventTypes.PolicyActivated, EventTypes.HistoryRead, EventTypes.HistoryExported, EventTypes.RetentionExecuted,
        EventTypes.LegalHoldPlaced, EventTypes.LegalHoldLifted, EventTypes.ErasureExecuted, EventTypes.KeyRotated, EventTypes.RollbackFound,
    ];

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _snapshot;
    private readonly TimeSpan _clockTolerance;
    private readonly List<(long Index, RetentionExecuted Event)> _retentions = [];

    private DatabaseLog(NpgsqlConnection connection, NpgsqlTransaction snapshot, TimeSpan clockTolerance)
    {
        _connection = connection;
        _snapshot = snapshot;
        _clockTolerance = clockTolerance;
    }

    public NpgsqlConnection Connection => _connection;

    /// <summary>What was recorded about retired epochs in the entries that were read since the last time, and where in their log.</summary>
    public IReadOnlyList<(long Index, RetentionExecuted Event)> TakeRetentions()
    {
        var taken = _retentions.ToArray();
        _retentions.Clear();
        return taken;
    }

    public static async Task<DatabaseLog> OpenAsync(string connectionString, TimeSpan clockTolerance, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = new(AuditConnectionString.ForOnce(connectionString));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return new DatabaseLog(connection, await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken), clockTolerance);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<IReadOnlyList<StoredHead>> HeadsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT shard, epoch, stream_id, size, root, stack, number, closed_at IS NOT NULL, retired_at IS NOT NULL FROM audit.tlog_head ORDER BY shard COLLATE \"C\", epoch");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<StoredHead> heads = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            heads.Add(new StoredHead(
                rows.GetString(0), rows.GetInt64(1), rows.GetGuid(2), rows.GetInt64(3), rows[4] as byte[], rows[5] as byte[], rows.GetInt64(6), rows.GetBoolean(7), rows.GetBoolean(8)));
        }

        return heads;
    }

    /// <summary>The entries of a log beside the leaf hashes of their commits, then those that no commit has.</summary>
    /// <param name="first">The index to begin with.</param>
    public async IAsyncEnumerable<LogPage> PagesAsync(StoredHead head, long first, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new LastSeen();
        await foreach (var (index, hashes) in BatchesAsync(head, first, end, cancellationToken))
        {
            yield return new LogPage(index, hashes, await EntriesAsync(head.Stream, index, index + (hashes.Length / TreeHash.Size), seen, cancellationToken));
        }
    }

    /// <summary>
    /// The shortest run of entries that holds every event of a time: their own times, which need not be in the order of the log.
    /// </summary>
    public async Task<(long First, long End)> RangeAsync(StoredHead head, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        if (head.IsRetired)
        {
            // Nothing is left of it but what shows that it was there.
            return (head.Size, head.Size);
        }

        if (from is null && to is null)
        {
            return (0, head.Size);
        }

        await using var command = Command(
            """
            SELECT min(version) - 1, max(version) FROM (
                SELECT version, (convert_from(bdata, 'UTF8')::jsonb ->> 'at')::timestamptz AS at FROM audit.mt_events WHERE stream_id = $1 AND version <= $2) AS e
            WHERE at >= $3 AND at < $4
            """);
        command.Parameters.AddWithValue(head.Stream);
        command.Parameters.AddWithValue(head.Size);
        command.Parameters.AddWithValue((from ?? DateTimeOffset.UnixEpoch).UtcDateTime);
        command.Parameters.AddWithValue((to ?? DateTimeOffset.MaxValue).UtcDateTime);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return row.IsDBNull(0) ? (0, 0) : (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>An entry of the stream that stands before its beginning or anywhere behind the head, which no commit has; null when there is none.</summary>
    public async Task<(long Index, Guid Id)?> OutsiderAsync(StoredHead head, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT version - 1, id FROM audit.mt_events WHERE stream_id = $1 AND version < 1
            UNION ALL
            SELECT version - 1, id FROM audit.mt_events WHERE stream_id = $1 AND version > $2
            ORDER BY 1 LIMIT 1
            """);
        command.Parameters.AddWithValue(head.Stream);
        command.Parameters.AddWithValue(head.IsRetired ? 0 : head.Size);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetGuid(1)) : null;
    }

    /// <summary>What is wrong with Marten's own row about the stream; null when nothing is.</summary>
    public async Task<string?> StreamFaultAsync(StoredHead head, CancellationToken cancellationToken)
    {
        if (head.Stream != ShardHead.StreamOf(head.Shard, head.Epoch))
        {
            return "The head names another stream of events than the one that belongs to it.";
        }

        if (head.IsRetired)
        {
            return await OutsiderAsync(head, cancellationToken) is null ? null : "The log was retired, and there are entries of it: they were inserted.";
        }

        await using var command = Command("SELECT version, is_archived FROM audit.mt_streams WHERE id = $1");
        command.Parameters.AddWithValue(head.Stream);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return head.Size == 0 ? null : "The stream of events is gone.";
        }

        return row.GetBoolean(1) ? "The stream of events was archived." : row.GetInt64(0) == head.Size ? null : "The stream has another number of events than the head.";
    }

    /// <summary>An event in no log; null when there is none. Marten itself leaves tombstones of appends that failed: they have no bytes of an event.</summary>
    public async Task<Guid?> StrayAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT e.id FROM audit.mt_events e
            WHERE (e.type <> 'tombstone' OR e.bdata IS NOT NULL) AND NOT EXISTS (SELECT FROM audit.tlog_head h WHERE h.stream_id = e.stream_id) ORDER BY e.seq_id LIMIT 1
            """);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    public async ValueTask DisposeAsync()
    {
        await _snapshot.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async IAsyncEnumerable<(long First, byte[] Hashes)> BatchesAsync(
        StoredHead head, long first, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One query per page, so that the entries can be read in between; many small commits make one page.
        for (var next = first; next < end;)
        {
            List<byte> hashes = [];
            long? start = null;
            await using (var command = Command(
                """
                SELECT first, leaf_hashes FROM (
                    SELECT first, leaf_hashes, sum(n) OVER (ORDER BY first) - n AS before FROM (
                        SELECT first, n, leaf_hashes FROM audit.tlog_batch
                        WHERE shard = $1 AND epoch = $2 AND first >= coalesce(
                            (SELECT max(first) FROM audit.tlog_batch WHERE shard = $1 AND epoch = $2 AND first <= $3), $3) AND first < $4
                        ORDER BY first LIMIT 500) AS batches) AS page
                WHERE before < $5 ORDER BY first
                """))
            {
                command.Parameters.AddWithValue(head.Shard);
                command.Parameters.AddWithValue(head.Epoch);
                command.Parameters.AddWithValue(next);
                command.Parameters.AddWithValue(end);
                command.Parameters.AddWithValue(EntriesPerPage);
                await using var rows = await command.ExecuteReaderAsync(cancellationToken);
                while (await rows.ReadAsync(cancellationToken))
                {
                    var (index, leaves) = (rows.GetInt64(0), rows.GetFieldValue<byte[]>(1));
                    if (start is { } begun && index != begun + (hashes.Count / TreeHash.Size))
                    {
                        break;
                    }

                    // Of the first commit only what was asked for, of the last only what lies before the end.
                    var skipped = start is null ? Math.Clamp(next - index, 0, leaves.Length / TreeHash.Size) : 0;
                    var taken = Math.Min((leaves.Length / TreeHash.Size) - skipped, end - index - skipped);
                    start ??= index + skipped;
                    hashes.AddRange(leaves.AsSpan((int)skipped * TreeHash.Size, (int)taken * TreeHash.Size));
                }
            }

            if (start is not { } found || hashes.Count == 0)
            {
                yield break;
            }

            yield return (found, [.. hashes]);
            next = found + (hashes.Count / TreeHash.Size);
        }
    }

    private async Task<List<FoundEntry>> EntriesAsync(Guid stream, long first, long end, LastSeen seen, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT version - 1, id, type, is_archived, timestamp, seq_id, tenant_id, data = '{}'::jsonb, bdata
            FROM audit.mt_events WHERE stream_id = $1 AND version > $2 AND version <= $3 ORDER BY version, seq_id
            """);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(end);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<FoundEntry> entries = new(EntriesPerPage);
        while (await rows.ReadAsync(cancellationToken))
        {
            var bytes = rows[8] as byte[] ?? [];
            entries.Add(new FoundEntry(rows.GetInt64(0), bytes, rows.GetGuid(1), ColumnFault(rows, bytes, seen)));
        }

        return entries;
    }

    /// <summary>What stands beside the bytes is in no hash, so it is compared with what stands in them.</summary>
    private string? ColumnFault(NpgsqlDataReader row, byte[] bytes, LastSeen seen)
    {
        var (timestamp, sequence) = (new DateTimeOffset(row.GetDateTime(4), TimeSpan.Zero), row.GetInt64(5));
        var (lastTime, lastSequence) = (seen.Timestamp, seen.Sequence);
        seen.Timestamp = timestamp > lastTime ? timestamp : lastTime;
        seen.Sequence = sequence;
        if (EventFacts.TryRead(bytes) is not { } facts)
        {
            return "The entry is no event.";
        }

        if (facts.Type == EventTypes.RetentionExecuted && TryRead(bytes) is { } retention)
        {
            _retentions.Add((row.GetInt64(0), retention));
        }

        var isEarly = timestamp < facts.At - _clockTolerance || timestamp < lastTime - _clockTolerance;
        var isLate = StrictlyTimed.Contains(facts.Type) && timestamp > facts.At + _clockTolerance;
        return row.GetString(2) != facts.Type ? "The column `type` was altered: the event says another one."
            : row.GetGuid(1) != facts.Id ? "The column `id` was altered: the event says another one."
            : row.GetBoolean(3) ? "The column `is_archived` was altered: nothing in the log is ever archived."
            : row.GetString(6) != "*DEFAULT*" ? "The column `tenant_id` was altered."
            : !row.GetBoolean(7) ? "The column `data` was altered: an event has its bytes in `bdata` only."
            : isEarly || isLate ? "The column `timestamp` was altered, or a clock was wrong: it is not near the time in the event."
            : sequence <= lastSequence ? "The column `seq_id` was altered: it does not grow."
            : null;
    }

    private static RetentionExecuted? TryRead(byte[] bytes)
    {
        try
        {
            return CanonicalJsonReader.Read(bytes) as RetentionExecuted;
        }
        catch (FormatException)
        {
            // Its own log does not verify then.
            return null;
        }
    }

    private NpgsqlCommand Command(string sql) => new(sql, _connection, _snapshot) { CommandTimeout = 0 };

    private sealed class LastSeen
    {
        public DateTimeOffset Timestamp { get; set; } = DateTimeOffset.MinValue.AddYears(1);
        public long Sequence { get; set; }
    }
}
