using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>Which hand-offs have no end yet: written in the transaction of the events that say so.</summary>
internal static class HandOffs
{
    public static void AddCommand(NpgsqlBatch batch, AuditEvent entry, string shard)
    {
        switch (entry)
        {
            case HandOffAuthorized authorized:
                Add(
                    batch, "INSERT INTO audit.hand_off (id, request, shard) VALUES ($1, $2, $3)",
                    (authorized.Id, NpgsqlDbType.Uuid), (authorized.RequestId, NpgsqlDbType.Uuid), (shard, NpgsqlDbType.Text));
                break;
            case HandOffDelivered delivered:
                Add(batch, "UPDATE audit.hand_off SET is_ended = true WHERE id = $1", (delivered.HandOff, NpgsqlDbType.Uuid));
                break;
            case HandOffDeadLettered dead:
                Add(batch, "UPDATE audit.hand_off SET is_ended = true WHERE id = $1", (dead.HandOff, NpgsqlDbType.Uuid));
                break;
        }
    }

    /// <summary>Hand-offs of a shard without an end, oldest first.</summary>
    public static async Task<List<(Guid Id, Guid Request)>> OpenAsync(NpgsqlConnection connection, string shard, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT id, request FROM audit.hand_off WHERE shard = $1 AND NOT is_ended ORDER BY id", connection);
        command.Parameters.AddWithValue(shard);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid Id, Guid Request)> open = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            open.Add((rows.GetGuid(0), rows.GetGuid(1)));
        }

        return open;
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<(object Value, NpgsqlDbType Type)> values)
    {
        NpgsqlBatchCommand command = new(sql);
        foreach (var (value, type) in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
        }

        batch.BatchCommands.Add(command);
    }
}
