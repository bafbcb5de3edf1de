using System.Globalization;
using Npgsql;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests;

/// <summary>What an administrator of the database can do to a log, as superuser.</summary>
internal static class Tampering
{
    /// <summary>Changes one byte in the middle of an event.</summary>
    public static Task FlipByteAsync(string database, string shard, long index) => OneRowAsync(
        database,
        $"UPDATE audit.mt_events SET bdata = set_byte(bdata, length(bdata) / 2, get_byte(bdata, length(bdata) / 2) # 1) WHERE {Row(shard, index)}");

    public static Task DeleteAsync(string database, string shard, long index) => OneRowAsync(database, $"DELETE FROM audit.mt_events WHERE {Row(shard, index)}");

    /// <summary>Removes an entry and moves those behind it up.</summary>
    public static Task DeleteAndRenumberAsync(string database, string shard, long index) => Sql.ExecuteAsync(
        database,
        $"""
        DELETE FROM audit.mt_events WHERE {Row(shard, index)};
        UPDATE audit.mt_events SET version = -version + 1 WHERE stream_id = {Stream(shard)} AND version > {index + 1};
        UPDATE audit.mt_events SET version = -version WHERE stream_id = {Stream(shard)} AND version < 0;
        UPDATE audit.mt_streams SET version = version - 1 WHERE id = {Stream(shard)};
        """);

    /// <summary>Exchanges the places of two entries.</summary>
    public static Task SwapAsync(string database, string shard, long one, long other) => Sql.ExecuteAsync(
        database,
        $"""
        UPDATE audit.mt_events SET version = -1 WHERE {Row(shard, one)};
        UPDATE audit.mt_events SET version = {one + 1} WHERE {Row(shard, other)};
        UPDATE audit.mt_events SET version = {other + 1} WHERE stream_id = {Stream(shard)} AND version = -1;
        """);

    /// <summary>Makes room behind an entry and puts a copy of it there, under an id of its own.</summary>
    public static Task DuplicateAsync(string database, string shard, long index) => InsertAsync(database, shard, index + 1, $"SELECT bdata FROM audit.mt_events WHERE {Row(shard, index)}");

    /// <summary>Makes room at an index and puts an event of the attacker there.</summary>
    public static Task InsertAsync(string database, string shard, long index, string selectBytes) => Sql.ExecuteAsync(
        database,
        $"""
        CREATE TEMP TABLE forged AS {selectBytes};
        UPDATE audit.mt_events SET version = -version - 1 WHERE stream_id = {Stream(shard)} AND version > {index};
        UPDATE audit.mt_events SET version = -version WHERE stream_id = {Stream(shard)} AND version < 0;
        INSERT INTO audit.mt_events (seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
        SELECT nextval('audit.mt_events_sequence'), gen_random_uuid(), stream_id, {index + 1}, data, (SELECT * FROM forged), type, timestamp, tenant_id, mt_dotnet_type, false
        FROM audit.mt_events WHERE stream_id = {Stream(shard)} ORDER BY version LIMIT 1;
        UPDATE audit.mt_streams SET version = version + 1 WHERE id = {Stream(shard)};
        """);

    /// <summary>Changes columns of an entry, its bytes aside.</summary>
    public static Task SetAsync(string database, string shard, long index, string assignment) =>
        OneRowAsync(database, $"UPDATE audit.mt_events SET {assignment} WHERE {Row(shard, index)}");

    /// <summary>Removes the last events with everything that the database says about them.</summary>
    public static async Task CutTailAsync(string database, string shard, int events)
    {
        var stored = await StoredLog.EventsAsync(database, shard);
        await ReplaceAsync(database, shard, [.. stored.Take(stored.Count - events).Select(static entry => entry.Bytes)]);
    }

    /// <summary>Gives one event other bytes of the same meaning to every check inside the database.</summary>
    public static async Task RewriteConsistentlyAsync(string database, string shard, int index)
    {
        var stored = await StoredLog.EventsAsync(database, shard);
        var bytes = stored.Select(static entry => entry.Bytes).ToList();
        bytes[index] = [.. bytes[index].Select(static value => value == (byte)'m' ? (byte)'n' : value)];
        await ReplaceAsync(database, shard, bytes);
    }

    /// <summary>Makes head, leaf hashes and events of epoch 1 what they would be had these bytes been recorded.</summary>
    private static async Task ReplaceAsync(string database, string shard, List<byte[]> entries)
    {
        MerkleStack tree = new();
        List<byte> leaves = [];
        foreach (var entry in entries)
        {
            tree.Append(TreeHash.Leaf(entry));
            leaves.AddRange(TreeHash.Leaf(entry));
        }

        await using NpgsqlConnection connection = new(database);
        await connection.OpenAsync();
        await using NpgsqlBatch batch = new(connection);
        for (var i = 0; i < entries.Count; i++)
        {
            Add($"UPDATE audit.mt_events SET bdata = $1 WHERE {Row(shard, i)}", entries[i]);
        }

        Add($"DELETE FROM audit.mt_events WHERE stream_id = {Stream(shard)} AND version > $1", (long)entries.Count);
        Add($"DELETE FROM audit.tlog_batch WHERE shard = '{shard}' AND epoch = 1");
        Add($"INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes) VALUES ('{shard}', 1, 0, {entries.Count}, $1)", leaves.ToArray());
        Add($"UPDATE audit.tlog_head SET size = $1, root = $2, stack = $3 WHERE shard = '{shard}' AND epoch = 1", (long)entries.Count, tree.Root(), tree.ToBytes().ToArray());
        Add($"UPDATE audit.mt_streams SET version = $1 WHERE id = {Stream(shard)}", (long)entries.Count);
        Add("DELETE FROM audit.tlog_checkpoint");
        await batch.ExecuteNonQueryAsync();

        void Add(string sql, params object[] values)
        {
            NpgsqlBatchCommand command = new(sql);
            foreach (var value in values)
            {
                command.Parameters.AddWithValue(value);
            }

            batch.BatchCommands.Add(command);
        }
    }

    private static async Task OneRowAsync(string database, string sql) => Assert.Equal(1, await Sql.ExecuteAsync(database, sql));

    private static string Row(string shard, long index) =>
        string.Create(CultureInfo.InvariantCulture, $"stream_id = {Stream(shard)} AND version = {index + 1}");

    private static string Stream(string shard) => $"(SELECT stream_id FROM audit.tlog_head WHERE shard = '{shard}' AND epoch = 1)";
}
