using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>The head of a shard's log in one epoch, as a writer holds it.</summary>
internal sealed record ShardHead(string Shard, long Epoch, long Size)
{
    /// <summary>Id of the event stream, from the names alone: who checks the log need not trust a table for it.</summary>
    public Guid Stream => StreamOf(Shard, Epoch);

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
            "INSERT INTO audit.tlog_head (shard, epoch, stream_id, opened_at) VALUES ($1, $2, $3, $4)", connection, transaction);
        open.Parameters.AddWithValue(shard);
        open.Parameters.AddWithValue(epoch);
        open.Parameters.AddWithValue(StreamOf(shard, epoch));
        open.Parameters.AddWithValue(now);
        await open.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ShardHead(shard, epoch, 0);
    }

    /// <summary>
    /// How far the log really is; null when the epoch is closed or gone. The row lock waits for a commit whose answer never
    /// reached us: a commit is sent only after the head was advanced, so it holds that lock until it is decided.
    /// </summary>
    public async Task<long?> LoadSizeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT size FROM audit.tlog_head WHERE shard = $1 AND epoch = $2 AND closed_at IS NULL FOR UPDATE", connection);
        command.Parameters.AddWithValue(Shard);
        command.Parameters.AddWithValue(Epoch);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Advances the head, if it still is where this record says, and records the leaves.</summary>
    public NpgsqlBatchCommand[] Advance(byte[] leafHashes, int count)
    {
        NpgsqlBatchCommand advance = new(
            "UPDATE audit.tlog_head SET size = $4 WHERE shard = $1 AND epoch = $2 AND size = $3 AND closed_at IS NULL");
        advance.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Shard });
        advance.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Epoch });
        advance.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Size });
        advance.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Size + count });

        NpgsqlBatchCommand leaves = new("INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes) VALUES ($1, $2, $3, $4, $5)");
        leaves.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Shard });
        leaves.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Epoch });
        leaves.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Size });
        leaves.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        leaves.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = leafHashes });
        return [advance, leaves];
    }
}
