using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>How long the log of one shard is in one epoch.</summary>
/// <param name="Size">Entries that its head says were committed.</param>
/// <param name="Root">The tree's root over all of them, hexadecimal; null while the log is not sealed.</param>
/// <param name="OpenedAt">When its writer took the shard.</param>
/// <param name="ClosedAt">When the next writer took it; null for the one that writes now.</param>
public sealed record LogSize(string Shard, long Epoch, long Size, string? Root, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt)
{
    /// <summary>Events that are really there.</summary>
    public long Stored { get; init; }

    /// <summary>Entries that batches with leaf hashes account for.</summary>
    public long Hashed { get; init; }

    /// <summary>When the first event that is there was committed, by the database's clock; null when there is none.</summary>
    public DateTimeOffset? FirstCommit { get; init; }

    /// <summary>When the last event was committed, by the database's clock; null when there is none.</summary>
    public DateTimeOffset? LastCommit { get; init; }

    /// <summary>When its events were taken out of the database, into an archive; null while they are there.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    /// <summary>True when events are missing, or there are more than the head knows. Of a retired epoch none may be left.</summary>
    public bool HasGap => RetiredAt is null ? Stored != Size || Hashed != Size : Stored != 0;

    /// <summary>The heads alone: cheap, and nothing is counted.</summary>
    internal static async Task<IReadOnlyList<LogSize>> ReadHeadsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT shard, epoch, size, encode(root, 'hex'), opened_at, closed_at FROM audit.tlog_head WHERE size > 0 ORDER BY shard, epoch", connection, transaction);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<LogSize> heads = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            heads.Add(Head(rows));
        }

        return heads;
    }

    internal static async Task<IReadOnlyList<LogSize>> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        // In one statement, so that head, events and batches are of one moment.
        await using var command = database.CreateCommand(
            """
            SELECT h.shard, h.epoch, h.size, encode(h.root, 'hex'), h.opened_at, h.closed_at,
                   (SELECT count(*) FROM audit.mt_events e WHERE e.stream_id = h.stream_id),
                   (SELECT coalesce(sum(b.n), 0) FROM audit.tlog_batch b WHERE b.shard = h.shard AND b.epoch = h.epoch),
                   (SELECT e.timestamp FROM audit.mt_events e WHERE e.stream_id = h.stream_id ORDER BY e.version DESC LIMIT 1),
                   (SELECT e.timestamp FROM audit.mt_events e WHERE e.stream_id = h.stream_id ORDER BY e.version LIMIT 1),
                   h.retired_at
            FROM audit.tlog_head h
            ORDER BY h.shard, h.epoch
            """);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<LogSize> sizes = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            sizes.Add(Head(rows) with
            {
                Stored = rows.GetInt64(6),
                Hashed = rows.GetInt64(7),
                LastCommit = Time(rows, 8),
                FirstCommit = Time(rows, 9),
                RetiredAt = Time(rows, 10),
            });
        }

        return sizes;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column), TimeSpan.Zero);

    private static LogSize Head(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetString(3),
        new DateTimeOffset(row.GetDateTime(4), TimeSpan.Zero), row.IsDBNull(5) ? null : new DateTimeOffset(row.GetDateTime(5), TimeSpan.Zero));
}
