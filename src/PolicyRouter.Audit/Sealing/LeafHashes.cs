using System.Runtime.CompilerServices;
using Npgsql;

namespace PolicyRouter.Audit.Sealing;

/// <summary>The recorded leaf hashes of one log, page by page.</summary>
internal static class LeafHashes
{
    private const int BatchesPerPage = 500;

    /// <summary>In their order, from an index up to another. Ends early where a batch is missing.</summary>
    public static async IAsyncEnumerable<(long Index, ReadOnlyMemory<byte> Hash)> ReadAsync(
        NpgsqlConnection connection, string shard, long epoch, long end, [EnumeratorCancellation] CancellationToken cancellationToken, long begin = 0)
    {
        for (var next = begin; next < end;)
        {
            var page = await PageAsync(connection, shard, epoch, next, cancellationToken);
            var before = next;
            foreach (var (first, hashes) in page)
            {
                // The first batch may begin before the first hash that is asked for.
                var skipped = next == begin ? next - first : 0;
                if (skipped < 0 || first + skipped != next)
                {
                    yield break;
                }

                for (var offset = (int)skipped * TreeHash.Size; offset < hashes.Length && next < end; offset += TreeHash.Size, next++)
                {
                    yield return (next, hashes.AsMemory(offset, TreeHash.Size));
                }
            }

            if (next == before)
            {
                yield break;
            }
        }
    }

    private static async Task<List<(long First, byte[] Hashes)>> PageAsync(
        NpgsqlConnection connection, string shard, long epoch, long from, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT first, leaf_hashes FROM audit.tlog_batch
            WHERE shard = $1 AND epoch = $2
              AND first >= coalesce((SELECT max(first) FROM audit.tlog_batch WHERE shard = $1 AND epoch = $2 AND first <= $3), $3)
            ORDER BY first LIMIT $4
            """,
            connection);
        command.Parameters.AddWithValue(shard);
        command.Parameters.AddWithValue(epoch);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(BatchesPerPage);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<(long First, byte[] Hashes)> page = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            page.Add((rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)));
        }

        return page;
    }
}
