using Npgsql;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Storage;

/// <summary>One step of a head: a batch of leaves.</summary>
/// <param name="Stack">The tree after it, as <see cref="MerkleStack"/> keeps it.</param>
/// <param name="LeafHashes">Of the batch, one after the other.</param>
internal sealed record HeadAdvance(ShardHead From, ShardHead To, byte[] Stack, byte[] LeafHashes)
{
    /// <summary>
    /// Moves the head, if it still is where the step begins, and records the leaves. The first command changes one row, or none when
    /// the writer is fenced.
    /// </summary>
    public NpgsqlBatchCommand[] Commands()
    {
        NpgsqlBatchCommand advance = new(
            """
            UPDATE audit.tlog_head SET size = $5, root = $6, stack = $7
            WHERE shard = $1 AND epoch = $2 AND size = $3 AND root = $4 AND closed_at IS NULL
            """);
        advance.Parameters.Add(new NpgsqlParameter<string> { TypedValue = From.Shard });
        advance.Parameters.Add(new NpgsqlParameter<long> { TypedValue = From.Epoch });
        advance.Parameters.Add(new NpgsqlParameter<long> { TypedValue = From.Size });
        advance.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = From.Root });
        advance.Parameters.Add(new NpgsqlParameter<long> { TypedValue = To.Size });
        advance.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = To.Root });
        advance.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Stack });

        NpgsqlBatchCommand leaves = new("INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes) VALUES ($1, $2, $3, $4, $5)");
        leaves.Parameters.Add(new NpgsqlParameter<string> { TypedValue = From.Shard });
        leaves.Parameters.Add(new NpgsqlParameter<long> { TypedValue = From.Epoch });
        leaves.Parameters.Add(new NpgsqlParameter<long> { TypedValue = From.Size });
        leaves.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)(To.Size - From.Size) });
        leaves.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = LeafHashes });
        return [advance, leaves];
    }
}
