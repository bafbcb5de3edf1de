using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Sealing;

public sealed class TileRootsTests
{
    private const string Shard = "tiles";

    [Fact]
    public async Task Paths_AreThoseOfTheWholeTree_WhileTheLogGrows()
    {
        await using var connection = await OpenAsync();
        using TileRoots tiles = new();
        Random random = new(1);
        List<byte[]> leaves = [];
        foreach (var size in new[] { 1, 2, 1_000, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 3_072, 5_000 })
        {
            await GrowAsync(connection, leaves, size, random);
            long[] indexes = [0, size - 1, size / 2, random.Next(size), random.Next(size), random.Next(size)];

            var paths = await tiles.PathsAsync(connection, Shard, 1, indexes, size, CancellationToken.None);

            var root = RootOf(leaves);
            foreach (var (index, path) in indexes.Zip(paths))
            {
                Assert.True(MerkleProof.IsIncluded(leaves[(int)index], index, size, path, root), $"leaf {index} of {size}");
            }
        }
    }

    [Fact]
    public async Task MissingBatch_IsDamage_AndNoProof()
    {
        await using var connection = await OpenAsync();
        List<byte[]> leaves = [];
        await GrowAsync(connection, leaves, 2_500, new Random(2));
        await Sql.ExecuteAsync(connection, "DELETE FROM audit.tlog_batch WHERE shard = 'tiles' AND first = (SELECT min(first) FROM audit.tlog_batch WHERE shard = 'tiles' AND first > 1500)");

        using TileRoots tiles = new();
        await Assert.ThrowsAsync<FormatException>(() => tiles.PathsAsync(connection, Shard, 1, [0], 2_500, CancellationToken.None));
    }

    private static byte[] RootOf(List<byte[]> leaves)
    {
        MerkleStack tree = new();
        leaves.ForEach(leaf => tree.Append(leaf));
        return tree.Root();
    }

    private static async Task<NpgsqlConnection> OpenAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await using (await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = database, Shard = "other", Deadline = TimeSpan.FromSeconds(30) }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
        {
        }

        NpgsqlConnection connection = new(database);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task GrowAsync(NpgsqlConnection connection, List<byte[]> leaves, int size, Random random)
    {
        while (leaves.Count < size)
        {
            var first = leaves.Count;
            var count = Math.Min(size - first, random.Next(1, 40));
            leaves.AddRange(Enumerable.Range(0, count).Select(static _ => RandomNumberGenerator.GetBytes(TreeHash.Size)));
            await using NpgsqlCommand command = new("INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes) VALUES ($1, 1, $2, $3, $4)", connection);
            command.Parameters.AddWithValue(Shard);
            command.Parameters.AddWithValue((long)first);
            command.Parameters.AddWithValue(count);
            command.Parameters.AddWithValue(leaves.Skip(first).SelectMany(static leaf => leaf).ToArray());
            await command.ExecuteNonQueryAsync();
        }
    }
}
