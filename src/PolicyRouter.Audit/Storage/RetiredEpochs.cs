using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// Takes a retired epoch out of the database in the transaction of the event that says so: its events, leaf hashes and query rows. Its head stays, with size and root, and so do
/// its checkpoint and all that the log says elsewhere. Nothing is touched unless the head is closed and is what the event says.
/// </summary>
internal static class RetiredEpochs
{
    // Which stream it is; none when the event does not name a closed head as it is.
    private const string Stream =
        "(SELECT stream_id FROM audit.tlog_head WHERE shard = $1 AND epoch = $2 AND size = $3 AND root = $4 AND closed_at IS NOT NULL)";

    // By json and not jsonb, and without unescaping: PostgreSQL has no text for a NUL that an app's name may hold.
    private static readonly string[] Commands =
    [
        // Requests of other epochs that ended, or were looked at, in this one.
        $$"""
        UPDATE audit.audit_request r
        SET event_ids = ARRAY(
            SELECT o.id FROM unnest(r.event_ids) WITH ORDINALITY AS o(id, position)
            WHERE NOT EXISTS (SELECT FROM audit.mt_events e WHERE e.id = o.id AND e.stream_id = {{Stream}}) ORDER BY o.position)
        WHERE r.id IN (
            SELECT trim('"' FROM (convert_from(bdata, 'UTF8')::json -> 'requestId')::text)::uuid FROM audit.mt_events
            WHERE stream_id = {{Stream}} AND type IN ('attempt_authorized', 'request_completed', 'residency_mismatch', 'model_mismatch',
                'hand_off_authorized', 'hand_off_delivered', 'hand_off_dead_lettered'))
        """,
        $"DELETE FROM audit.audit_request WHERE id IN (SELECT id FROM audit.mt_events WHERE stream_id = {Stream} AND type = 'request_decided')",
        $"DELETE FROM audit.open_request WHERE id IN (SELECT id FROM audit.mt_events WHERE stream_id = {Stream} AND type = 'request_decided')",
        $"DELETE FROM audit.hand_off WHERE id IN (SELECT id FROM audit.mt_events WHERE stream_id = {Stream} AND type = 'hand_off_authorized')",
        $"DELETE FROM audit.mt_events WHERE stream_id = {Stream}",
        $"DELETE FROM audit.mt_streams WHERE id = {Stream}",
        $"DELETE FROM audit.tlog_batch WHERE shard = $1 AND epoch = $2 AND EXISTS {Stream}",
        $"UPDATE audit.tlog_head SET retired_at = $5 WHERE stream_id = {Stream}",
    ];

    public static void AddCommands(NpgsqlBatch batch, AuditEvent entry)
    {
        if (entry is not RetentionExecuted retired || TryRoot(retired.Root) is not { } root)
        {
            return;
        }

        foreach (var sql in Commands)
        {
            NpgsqlBatchCommand command = new(sql);
            Add(command, NpgsqlDbType.Text, RequestIndex.Clean(retired.Shard));
            Add(command, NpgsqlDbType.Bigint, retired.Epoch);
            Add(command, NpgsqlDbType.Bigint, retired.Count);
            Add(command, NpgsqlDbType.Bytea, root);
            if (sql.Contains("$5", StringComparison.Ordinal))
            {
                Add(command, NpgsqlDbType.TimestampTz, retired.At.UtcDateTime);
            }

            batch.BatchCommands.Add(command);
        }
    }

    private static byte[]? TryRoot(string hex)
    {
        var root = new byte[hex.Length / 2];
        return Convert.FromHexString(hex, root, out _, out var written) is System.Buffers.OperationStatus.Done && written == root.Length ? root : null;
    }

    private static void Add(NpgsqlBatchCommand command, NpgsqlDbType type, object value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
