using Npgsql;
using NpgsqlTypes;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// A batch of events as rows of Marten's event store, the same that a Marten session would write, with the head and the leaves that go with them, in one statement for all of them
/// (docs/decisions/0023). Marten's own function inserts them one by one.
/// </summary>
internal static class EventRows
{
    // What Marten puts where a JSON body would be, for an event whose body is binary, and for a store without tenants.
    private const string NoJson = "{}";
    private const string NoTenant = "*DEFAULT*";

    private const string NewStream = $"INSERT INTO audit.mt_streams (id, version, timestamp, tenant_id) VALUES ($8, $4, now(), '{NoTenant}')";
    private const string LongerStream = "UPDATE audit.mt_streams SET version = $4, timestamp = now() WHERE id = $8 AND version = $3 AND NOT is_archived";

    /// <summary>
    /// The command that moves the head and the stream and adds the events behind them. It fails with <see cref="Refusals.Moved"/> when either is not where the step begins, or the
    /// head has gone on to another term.
    /// </summary>
    public static NpgsqlBatchCommand Command(HeadAdvance step, IReadOnlyList<PreparedEvent> events, EventNames names)
    {
        NpgsqlBatchCommand command = new(
            $"""
            WITH head AS (
                UPDATE audit.tlog_head SET size = $4, root = $6, stack = $7
                WHERE shard = $1 AND epoch = $2 AND size = $3 AND root = $5 AND term = $10 AND closed_at IS NULL
                RETURNING 1
            ), stream AS (
                {(step.From.Size == 0 ? NewStream : LongerStream)}
                RETURNING 1
            ), leaves AS (
                INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes) VALUES ($1, $2, $3, ($4 - $3)::int, $9)
            ), events AS (
                INSERT INTO audit.mt_events (seq_id, id, stream_id, version, data, bdata, type, tenant_id, timestamp, mt_dotnet_type, is_archived)
                SELECT nextval('audit.mt_events_sequence'), id, $8, $3 + place, '{NoJson}', bytes, type, '{NoTenant}', now(), dotnet_type, false
                FROM unnest($11, $12, $13, $14) WITH ORDINALITY AS t(id, bytes, type, dotnet_type, place)
            )
            SELECT {Refusals.Unless("EXISTS (SELECT FROM head) AND EXISTS (SELECT FROM stream)", Refusals.Moved)}
            """);
        Add(command, step.From.Shard);
        Add(command, step.From.Epoch);
        Add(command, step.From.Size);
        Add(command, step.To.Size);
        Add(command, step.From.Root);
        Add(command, step.To.Root);
        Add(command, step.Stack);
        Add(command, step.From.Stream);
        Add(command, step.LeafHashes);
        Add(command, step.From.Term);
        command.AddColumn(NpgsqlDbType.Uuid, events, static prepared => prepared.Entry.Id);
        command.AddColumn(NpgsqlDbType.Bytea, events, static prepared => prepared.Bytes);
        command.AddColumn(NpgsqlDbType.Text, events, prepared => names.Of(prepared.Entry).Event);
        command.AddColumn(NpgsqlDbType.Text, events, prepared => names.Of(prepared.Entry).DotNet);
        return command;
    }

    private static void Add<T>(NpgsqlBatchCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
