using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Storage;

/// <summary>The head of a shard's log in one epoch, as a writer holds it: how long it is, and the Merkle tree over it. Never changed, only followed by another.</summary>
internal sealed class ShardHead
{
    // One opening at a time, whatever the shard: the number of a log is its place among all of them. The number is this product's own.
    private const long OpeningLock = 4_718_390_115;

    private readonly MerkleStack _tree;
    private readonly DateTime _opened;

    private ShardHead(string shard, long epoch, MerkleStack tree, DateTime opened, ShardHead? before, long term)
    {
        Term = term;
        Shard = shard;
        Epoch = epoch;
        _tree = tree;
        _opened = opened;
        Before = before;
        Root = tree.Root();
    }

    public string Shard { get; }
    public long Epoch { get; }

    /// <summary>
    /// Which connection of the writer may go on from here: each new one after a doubt begins a term, and a batch that an earlier one had sent, and that arrives late, changes nothing.
    /// </summary>
    public long Term { get; }

    /// <summary>Events in the epoch.</summary>
    public long Size => _tree.Size;

    /// <summary>Root hash of the tree whose leaves are the events (RFC 6962).</summary>
    public byte[] Root { get; }

    /// <summary>Id of the event stream, from the names alone: who checks the log need not trust a table for it.</summary>
    public Guid Stream => StreamOf(Shard, Epoch);

    /// <summary>How the epoch before ended, if the same writer has written that one, too.</summary>
    public ShardHead? Before { get; }

    /// <summary>Of an epoch in which nothing has been recorded yet.</summary>
    public static ShardHead Empty(string shard, long epoch) => new(shard, epoch, new MerkleStack(), default, null, 0);

    /// <summary>True when a calendar month (UTC) has begun since the epoch was opened: an epoch holds one month at most.</summary>
    public bool IsOfAnEarlierMonth(DateTimeOffset now) => (now.UtcDateTime.Year * 12) + now.UtcDateTime.Month > (_opened.Year * 12) + _opened.Month;

    /// <summary>The ends of this writer's epochs from one on, and this head last.</summary>
    public IReadOnlyList<ShardHead> Since(long epoch)
    {
        List<ShardHead> heads = [];
        for (var head = this; head is not null && (head.Epoch >= epoch || heads.Count == 0); head = head.Before)
        {
            heads.Add(head);
        }

        heads.Reverse();
        return heads;
    }

    public static Guid StreamOf(string shard, long epoch)
    {
        var name = Encoding.UTF8.GetBytes(shard);
        var input = new byte[sizeof(long) + name.Length];
        BinaryPrimitives.WriteInt64BigEndian(input, epoch);
        name.CopyTo(input, sizeof(long));
        return new Guid(SHA256.HashData(input).AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>
    /// Takes the shard: closes the epoch that was open and opens the next. The row lock waits for a commit of the former writer
    /// that is under way; after it the former writer can commit nothing more.
    /// </summary>
    public static async Task<ShardHead> TakeAsync(
        NpgsqlConnection connection, string shard, DateTime now, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (NpgsqlCommand takeTurn = new("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", connection, transaction))
        {
            takeTurn.Parameters.AddWithValue("policyrouter shard " + shard);
            await takeTurn.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (NpgsqlCommand close = new(
            "UPDATE audit.tlog_head SET closed_at = $2 WHERE shard = $1 AND closed_at IS NULL", connection, transaction))
        {
            close.Parameters.AddWithValue(shard);
            close.Parameters.AddWithValue(now);
            await close.ExecuteNonQueryAsync(cancellationToken);
        }

        await using NpgsqlCommand last = new(
            "SELECT coalesce(max(epoch), 0) FROM audit.tlog_head WHERE shard = $1", connection, transaction);
        last.Parameters.AddWithValue(shard);
        var epoch = (long)(await last.ExecuteScalarAsync(cancellationToken))! + 1;
        var opened = await OpenAsync(transaction, shard, epoch, now, before: null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return opened;
    }

    /// <summary>The empty head of the next epoch, as <see cref="RollOverAsync"/> opens it.</summary>
    public ShardHead Next(DateTimeOffset now) => new(Shard, Epoch + 1, new MerkleStack(), Storable(now.UtcDateTime), this, 0);

    /// <summary>The same in another term.</summary>
    public ShardHead In(long term) => new(Shard, Epoch, _tree, _opened, Before, term);

    /// <summary>Closes this epoch and opens the next, in one transaction.</summary>
    /// <param name="next">From <see cref="Next"/>.</param>
    /// <exception cref="FencedException">The epoch is not where the writer thinks.</exception>
    /// <exception cref="NpgsqlException">It is not known whether it happened; <see cref="IsOpenedAsync"/> tells.</exception>
    public async Task RollOverAsync(NpgsqlConnection connection, ShardHead next, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using NpgsqlCommand close = new(
            "UPDATE audit.tlog_head SET closed_at = $5 WHERE shard = $1 AND epoch = $2 AND size = $3 AND root = $4 AND closed_at IS NULL", connection, transaction);
        close.Parameters.AddWithValue(Shard);
        close.Parameters.AddWithValue(Epoch);
        close.Parameters.AddWithValue(Size);
        close.Parameters.AddWithValue(Root);
        close.Parameters.AddWithValue(next._opened);
        if (await close.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw new FencedException($"The head of shard {Shard} is no longer at epoch {Epoch}, size {Size}.");
        }

        await OpenAsync(transaction, Shard, next.Epoch, next._opened, this, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>True when this epoch was opened by this very head and nobody has written to it.</summary>
    public async Task<bool> IsOpenedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT EXISTS (SELECT FROM audit.tlog_head WHERE shard = $1 AND epoch = $2 AND size = 0 AND opened_at = $3 AND closed_at IS NULL)", connection);
        command.Parameters.AddWithValue(Shard);
        command.Parameters.AddWithValue(Epoch);
        command.Parameters.AddWithValue(_opened);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<ShardHead> OpenAsync(
        NpgsqlTransaction transaction, string shard, long epoch, DateTime now, ShardHead? before, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand takeTurn = new($"SELECT pg_advisory_xact_lock({OpeningLock})", transaction.Connection, transaction);
        await takeTurn.ExecuteNonQueryAsync(cancellationToken);
        await using NpgsqlCommand open = new(
            """
            INSERT INTO audit.tlog_head (shard, epoch, stream_id, opened_at, root, stack, number)
            SELECT $1, $2, $3, $4, $5, $6, coalesce(max(number), 0) + 1 FROM audit.tlog_head
            """,
            transaction.Connection,
            transaction);
        ShardHead opened = new(shard, epoch, new MerkleStack(), Storable(now), before, 0);
        open.Parameters.AddWithValue(shard);
        open.Parameters.AddWithValue(epoch);
        open.Parameters.AddWithValue(opened.Stream);
        open.Parameters.AddWithValue(opened._opened);
        open.Parameters.AddWithValue(opened.Root);
        open.Parameters.AddWithValue(opened._tree.ToBytes().ToArray());
        await open.ExecuteNonQueryAsync(cancellationToken);
        return opened;
    }

    // PostgreSQL keeps microseconds: what is written must come back the same.
    private static DateTime Storable(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);

    /// <summary>
    /// Begins a new term and tells how far the log really is; null when the epoch is closed or gone. The row lock waits for a batch whose answer never reached us and that
    /// is being committed. One that the server has yet to read from the former connection comes too late: it names the former term.
    /// </summary>
    public async Task<(long Size, byte[] Root, long Term)?> BeginTermAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "UPDATE audit.tlog_head SET term = term + 1 WHERE shard = $1 AND epoch = $2 AND closed_at IS NULL RETURNING size, root, term", connection);
        command.Parameters.AddWithValue(Shard);
        command.Parameters.AddWithValue(Epoch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2)) : null;
    }

    /// <summary>The step that adds these events behind the ones there are.</summary>
    public HeadAdvance Advance(IReadOnlyList<PreparedEvent> events)
    {
        var leaves = new byte[events.Count * TreeHash.Size];
        for (var i = 0; i < events.Count; i++)
        {
            TreeHash.Leaf(events[i].Bytes, leaves.AsSpan(i * TreeHash.Size, TreeHash.Size));
        }

        var tree = _tree.Copy();
        tree.AppendAll(leaves);
        return new HeadAdvance(this, new ShardHead(Shard, Epoch, tree, _opened, Before, Term), tree.ToBytes().ToArray(), leaves);
    }
}
