using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Storage;

/// <summary>The head of a shard's log in one epoch, as a writer holds it: how long it is, and the Merkle tree over it. Never changed, only followed by another.</summary>
internal sealed class ShardHead
{
    private readonly MerkleStack _tree;

    private ShardHead(string shard, long epoch, MerkleStack tree)
    {
        Shard = shard;
        Epoch = epoch;
        _tree = tree;
        Root = tree.Root();
    }

    public string Shard { get; }
    public long Epoch { get; }

    /// <summary>Events in the epoch.</summary>
    public long Size => _tree.Size;

    /// <summary>Root hash of the tree whose leaves are the events (RFC 6962).</summary>
    public byte[] Root { get; }

    /// <summary>Id of the event stream, from the names alone: who checks the log need not trust a table for it.</summary>
    public Guid Stream => StreamOf(Shard, Epoch);

    /// <summary>Of an epoch in which nothing has been recorded yet.</summary>
    public static ShardHead Empty(string shard, long epoch) => new(shard, epoch, new MerkleStack());

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
        await using NpgsqlCommand open = new(
            "INSERT INTO audit.tlog_head (shard, epoch, stream_id, opened_at, root, stack) VALUES ($1, $2, $3, $4, $5, $6)", connection, transaction);
        open.Parameters.AddWithValue(shard);
        open.Parameters.AddWithValue(epoch);
        open.Parameters.AddWithValue(StreamOf(shard, epoch));
        open.Parameters.AddWithValue(now);
        var opened = Empty(shard, epoch);
        open.Parameters.AddWithValue(opened.Root);
        open.Parameters.AddWithValue(opened._tree.ToBytes().ToArray());
        await open.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return opened;
    }

    /// <summary>
    /// How far the log really is; null when the epoch is closed or gone. The row lock waits for a commit whose answer never
    /// reached us: a commit is sent only after the head was advanced, so it holds that lock until it is decided.
    /// </summary>
    public async Task<(long Size, byte[] Root)?> LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT size, root FROM audit.tlog_head WHERE shard = $1 AND epoch = $2 AND closed_at IS NULL FOR UPDATE", connection);
        command.Parameters.AddWithValue(Shard);
        command.Parameters.AddWithValue(Epoch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1)) : null;
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
        return new HeadAdvance(this, new ShardHead(Shard, Epoch, tree), tree.ToBytes().ToArray(), leaves);
    }
}
