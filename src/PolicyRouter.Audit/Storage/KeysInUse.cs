using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>The key that was recorded last for each purpose: written in the transaction of the events that say so.</summary>
internal static class KeysInUse
{
    public static void AddCommand(NpgsqlBatch batch, AuditEvent entry)
    {
        if (entry is KeyRotated rotated)
        {
            NpgsqlBatchCommand command = new("INSERT INTO audit.key_in_use (purpose, key_id) VALUES ($1, $2) ON CONFLICT (purpose) DO UPDATE SET key_id = excluded.key_id");
            command.Parameters.Add(new NpgsqlParameter { Value = RequestIndex.Clean(rotated.Purpose), NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new NpgsqlParameter { Value = RequestIndex.Clean(rotated.KeyId), NpgsqlDbType = NpgsqlDbType.Text });
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>Null when none was recorded for this purpose.</summary>
    public static async Task<string?> ReadAsync(NpgsqlDataSource database, string purpose, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT key_id FROM audit.key_in_use WHERE purpose = $1");
        command.Parameters.AddWithValue(purpose);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
