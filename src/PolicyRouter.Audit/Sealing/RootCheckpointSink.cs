using Npgsql;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Whenever a checkpoint of this process's log is published, one about all logs of the database goes to the folder. Every process does so for itself: none has to lead, and each
/// folder tells what became of the logs of the others.
/// </summary>
internal sealed class RootCheckpointSink(NpgsqlDataSource database, string origin, CheckpointSigner signer, CheckpointFolder folder) : ICheckpointSink
{
    private readonly MerkleStack _tree = new();

    public async Task KeepAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ReadNewLogsAsync(connection, cancellationToken);
        var written = await ReadWrittenLogsAsync(connection, cancellationToken);
        var root = RootCheckpoint.Sign(origin, _tree.Size, _tree.Root(), checkpoint.At ?? DateTimeOffset.UnixEpoch, written, signer);
        await folder.KeepAsync(root, checkpoint.Shard, cancellationToken);
    }

    private async Task ReadNewLogsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT h.number, h.shard, h.epoch, coalesce(b.size, 0), b.root
            FROM audit.tlog_head h LEFT JOIN audit.tlog_head b ON b.shard = h.shard AND b.epoch = h.epoch - 1
            WHERE h.number > $1 ORDER BY h.number
            """,
            connection);
        command.Parameters.AddWithValue(_tree.Size);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (rows.GetInt64(0) != _tree.Size + 1)
            {
                throw new FormatException($"The log with the number {_tree.Size + 1} is gone.");
            }

            _tree.Append(RootLeaf.Hash(rows.GetString(1), rows.GetInt64(2), rows.GetInt64(3), rows[4] as byte[] ?? TreeHash.OfNothing));
        }
    }

    /// <summary>The checkpoints of logs that were published lately: an idle process publishes every minute.</summary>
    private static async Task<List<SignedCheckpoint>> ReadWrittenLogsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT note FROM audit.tlog_checkpoint WHERE at > now() - interval '150 seconds' ORDER BY shard COLLATE \"C\", epoch", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<SignedCheckpoint> written = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            written.Add(SignedCheckpoint.Parse(rows.GetString(0)));
        }

        return written;
    }
}
