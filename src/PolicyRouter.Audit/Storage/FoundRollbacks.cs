using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>Which losses have been recorded: written in the transaction of the events that say so.</summary>
internal static class FoundRollbacks
{
    public static void AddCommand(NpgsqlBatch batch, AuditEvent entry)
    {
        if (entry is RollbackFound found)
        {
            NpgsqlBatchCommand command = new("INSERT INTO audit.found_rollback (shard, epoch, size) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
            command.Parameters.Add(new NpgsqlParameter { Value = RequestIndex.Clean(found.Shard), NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new NpgsqlParameter { Value = found.Epoch, NpgsqlDbType = NpgsqlDbType.Bigint });
            command.Parameters.Add(new NpgsqlParameter { Value = found.CheckpointSize, NpgsqlDbType = NpgsqlDbType.Bigint });
            batch.BatchCommands.Add(command);
        }
    }

    public static async Task<bool> IsRecordedAsync(NpgsqlConnection connection, string shard, long epoch, long size, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT EXISTS (SELECT FROM audit.found_rollback WHERE shard = $1 AND epoch = $2 AND size = $3)", connection);
        command.Parameters.AddWithValue(RequestIndex.Clean(shard));
        command.Parameters.AddWithValue(epoch);
        command.Parameters.AddWithValue(size);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
