using Npgsql;
using NpgsqlTypes;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// A batch of events as rows of Marten's event store, the same that a Marten session would write, in one statement for all of them (docs/decisions/0023). Marten's own
/// function inserts them one by one.
/// </summary>
internal static class EventRows
{
    // What Marten puts where a JSON body would be, for an event whose body is binary, and for a store without tenants.
    private const string NoJson = "{}";
    private const string NoTenant = "*DEFAULT*";

    /// <summary>
    /// The commands that add the events behind the <paramref name="version"/> events the stream has. The first changes one row, or none (or fails: a stream
    /// that is there twice) when the stream has another number.
    /// </summary>
    public static NpgsqlBatchCommand[] Commands(Guid stream, long version, IReadOnlyList<PreparedEvent> events, EventNames names)
    {
        var head = version == 0
            ? new NpgsqlBatchCommand($"INSERT INTO audit.mt_streams (id, version, timestamp, tenant_id) VALUES ($1, $2, now(), '{NoTenant}')")
            : new NpgsqlBatchCommand("UPDATE audit.mt_streams SET version = $2, timestamp = now() WHERE id = $1 AND version = $3 AND NOT is_archived");
        head.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stream });
        head.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version + events.Count });
        if (version > 0)
        {
            head.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        }

        NpgsqlBatchCommand rows = new(
            $"""
            INSERT INTO audit.mt_events
                (seq_id, id, stream_id, version, data, bdata, type, tenant_id, timestamp, mt_dotnet_type, is_archived)
            SELECT nextval('audit.mt_events_sequence'), id, $1, $2 + place, '{NoJson}', bytes, type, '{NoTenant}', now(), dotnet_type, false
            FROM unnest($3, $4, $5, $6) WITH ORDINALITY AS t(id, bytes, type, dotnet_type, place)
            """);
        rows.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stream });
        rows.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        rows.AddColumn(NpgsqlDbType.Uuid, events, static prepared => prepared.Entry.Id);
        rows.AddColumn(NpgsqlDbType.Bytea, events, static prepared => prepared.Bytes);
        rows.AddColumn(NpgsqlDbType.Text, events, prepared => names.Of(prepared.Entry).Event);
        rows.AddColumn(NpgsqlDbType.Text, events, prepared => names.Of(prepared.Entry).DotNet);
        return [head, rows];
    }
}
