using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>Which legal holds are in force: written in the transaction of the events that say so.</summary>
internal static class LegalHolds
{
    public static void AddCommand(NpgsqlBatch batch, AuditEvent entry)
    {
        switch (entry)
        {
            case LegalHoldPlaced placed:
                NpgsqlBatchCommand place = new(
                    """
                    INSERT INTO audit.legal_hold (name, at, begins, ends, apps, reason, by, event) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    ON CONFLICT (name) DO UPDATE SET
                        at = excluded.at, begins = excluded.begins, ends = excluded.ends, apps = excluded.apps, reason = excluded.reason, by = excluded.by, event = excluded.event
                    """);
                Add(place, NpgsqlDbType.Text, RequestIndex.Clean(placed.Hold));
                Add(place, NpgsqlDbType.TimestampTz, placed.At.UtcDateTime);
                Add(place, NpgsqlDbType.TimestampTz, placed.From?.UtcDateTime);
                Add(place, NpgsqlDbType.TimestampTz, placed.To?.UtcDateTime);
                Add(place, NpgsqlDbType.Array | NpgsqlDbType.Text, placed.Apps.Select(RequestIndex.Clean).ToArray());
                Add(place, NpgsqlDbType.Text, RequestIndex.Clean(placed.Reason));
                Add(place, NpgsqlDbType.Text, RequestIndex.Clean(placed.By));
                Add(place, NpgsqlDbType.Uuid, placed.Id);
                batch.BatchCommands.Add(place);
                break;
            case LegalHoldLifted lifted:
                NpgsqlBatchCommand lift = new("DELETE FROM audit.legal_hold WHERE name = $1");
                Add(lift, NpgsqlDbType.Text, RequestIndex.Clean(lifted.Hold));
                batch.BatchCommands.Add(lift);
                break;
        }
    }

    private static void Add(NpgsqlBatchCommand command, NpgsqlDbType type, object? value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
