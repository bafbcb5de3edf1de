using System.Security.Cryptography;
using Npgsql;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests;

/// <summary>One event as it lies in the database.</summary>
internal sealed record StoredEvent(Guid Id, string Type, long Index, byte[] Bytes);

/// <summary>Reads the log past the product's own reader.</summary>
internal static class StoredLog
{
    public static async Task<List<StoredEvent>> EventsAsync(string connectionString, string shard, long epoch = 1)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(
            """
            SELECT e.id, e.type, e.version - 1, e.bdata
            FROM audit.mt_events e JOIN audit.tlog_head h ON h.stream_id = e.stream_id
            WHERE h.shard = $1 AND h.epoch = $2 ORDER BY e.version
            """,
            connection);
        command.Parameters.AddWithValue(shard);
        command.Parameters.AddWithValue(epoch);
        await using var rows = await command.ExecuteReaderAsync();
        List<StoredEvent> events = [];
        while (await rows.ReadAsync())
        {
            events.Add(new StoredEvent(rows.GetGuid(0), rows.GetString(1), rows.GetInt64(2), rows.GetFieldValue<byte[]>(3)));
        }

        return events;
    }

    /// <summary>Head, dense indexes and leaf hashes agree with the stored bytes.</summary>
    public static async Task AssertConsistentAsync(string connectionString, string shard, long epoch = 1)
    {
        var events = await EventsAsync(connectionString, shard, epoch);
        Assert.Equal(Enumerable.Range(0, events.Count).Select(static i => (long)i), events.Select(static e => e.Index));
        Assert.Equal((long)events.Count, await Sql.ScalarAsync<long>(connectionString, $"SELECT size FROM audit.tlog_head WHERE shard = '{shard}' AND epoch = {epoch}"));

        var leaves = events.SelectMany(static e => SHA256.HashData([0x00, .. e.Bytes])).ToArray();
        var recorded = await Sql.ScalarAsync<byte[]>(
            connectionString,
            $"SELECT coalesce(string_agg(leaf_hashes, ''::bytea ORDER BY first), ''::bytea) FROM audit.tlog_batch WHERE shard = '{shard}' AND epoch = {epoch}");
        Assert.Equal(leaves, recorded);
    }

    /// <summary>A second database with the contents that this one has now, as a backup would.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> CopyAsync(string connectionString)
    {
        NpgsqlConnectionStringBuilder original = new(connectionString);
        var copy = $"{original.Database}_copy_{Guid.NewGuid():N}";
        NpgsqlConnectionStringBuilder other = new(connectionString) { Database = "postgres" };

        // A database in use cannot be copied.
        await Sql.ExecuteAsync(other.ConnectionString, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original.Database}'");
        await Sql.ExecuteAsync(other.ConnectionString, $"CREATE DATABASE {copy} TEMPLATE {original.Database}");
        original.Database = copy;
        return original.ConnectionString;
    }
}
