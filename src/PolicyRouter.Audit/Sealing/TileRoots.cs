using System.Collections.Concurrent;
using Npgsql;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Roots of the full tiles of logs, 1,024 leaves each, as they were read once: a log only grows, so that a proof reads the tile of its event and what was added since, and not
/// the whole log again. What is remembered proves nothing by itself: a proof is checked against a signed root.
/// </summary>
internal sealed class TileRoots : IDisposable
{
    /// <summary>Leaves of a tile; a power of two, so that a tile is a subtree.</summary>
    public const int Leaves = 1_024;

    private readonly ConcurrentDictionary<(string Shard, long Epoch), List<byte[]>> _logs = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Forgets a log, whose proofs did not come out.</summary>
    public void Forget(string shard, long epoch) => _logs.TryRemove((shard, epoch), out _);

    /// <summary>The hashes beside the path from each of some leaves to the root over the first leaves of a log.</summary>
    /// <exception cref="FormatException">Leaf hashes are missing.</exception>
    /// <exception cref="NpgsqlException">The database cannot be read.</exception>
    public async Task<IReadOnlyList<byte[][]>> PathsAsync(
        NpgsqlConnection connection, string shard, long epoch, IReadOnlyList<long> indexes, long size, CancellationToken cancellationToken)
    {
        // One reader after the other fills what is missing: the second finds it there.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var roots = _logs.GetOrAdd((shard, epoch), static _ => []);
            await FillAsync(connection, shard, epoch, roots, size / Leaves, cancellationToken);
            Dictionary<long, List<byte[]>> tiles = [];
            foreach (var tile in indexes.Select(static index => index / Leaves).Append((size - 1) / Leaves).Distinct())
            {
                tiles[tile] = await TileAsync(connection, shard, epoch, tile, size, cancellationToken);
            }

            return [.. indexes.Select(index => LeafRange.OfInclusion(index, size).Select(range => HashOf(range, roots, tiles)).ToArray())];
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static async Task FillAsync(NpgsqlConnection connection, string shard, long epoch, List<byte[]> roots, long tiles, CancellationToken cancellationToken)
    {
        if (roots.Count >= tiles)
        {
            return;
        }

        MerkleStack tile = new();
        await foreach (var (_, hash) in LeafHashes.ReadAsync(connection, shard, epoch, tiles * Leaves, cancellationToken, roots.Count * (long)Leaves))
        {
            tile.Append(hash.Span);
            if (tile.Size == Leaves)
            {
                roots.Add(tile.Root());
                tile = new MerkleStack();
            }
        }

        if (roots.Count < tiles)
        {
            throw new FormatException("Leaf hashes are missing.");
        }
    }

    private static async Task<List<byte[]>> TileAsync(NpgsqlConnection connection, string shard, long epoch, long tile, long size, CancellationToken cancellationToken)
    {
        var end = Math.Min(size, (tile + 1) * Leaves);
        List<byte[]> hashes = [];
        await foreach (var (_, hash) in LeafHashes.ReadAsync(connection, shard, epoch, end, cancellationToken, tile * Leaves))
        {
            hashes.Add(hash.ToArray());
        }

        return hashes.Count == end - (tile * Leaves) ? hashes : throw new FormatException("Leaf hashes are missing.");
    }

    private static byte[] HashOf(LeafRange range, List<byte[]> roots, Dictionary<long, List<byte[]>> tiles)
    {
        MerkleStack hashes = new();
        var next = range.First;
        // A range of a tile or more begins with a tile; the root over roots of tiles, the last of which may be a part, is the root over their leaves.
        for (; range.End - next >= Leaves; next += Leaves)
        {
            hashes.Append(roots[(int)(next / Leaves)]);
        }

        if (next == range.First)
        {
            for (; next < range.End; next++)
            {
                hashes.Append(LeafAt(next));
            }
        }
        else if (next < range.End)
        {
            MerkleStack rest = new();
            for (; next < range.End; next++)
            {
                rest.Append(LeafAt(next));
            }

            hashes.Append(rest.Root());
        }

        return hashes.Root();

        byte[] LeafAt(long index) => tiles[index / Leaves][(int)(index % Leaves)];
    }
}
