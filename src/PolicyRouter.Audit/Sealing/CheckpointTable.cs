using Npgsql;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// The newest checkpoint of each log in the database itself, so that every node, the console and exports have it at hand. It binds
/// nobody who can write there: that is what the other places are for.
/// </summary>
internal sealed class CheckpointTable(NpgsqlDataSource database) : ICheckpointSink
{
    public async Task KeepAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO audit.tlog_checkpoint AS c (shard, epoch, size, note) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard, epoch) DO UPDATE SET size = excluded.size, note = excluded.note, at = now() WHERE c.size <= excluded.size
            """);
        command.Parameters.AddWithValue(checkpoint.Shard);
        command.Parameters.AddWithValue(checkpoint.Epoch);
        command.Parameters.AddWithValue(checkpoint.Size);
        command.Parameters.AddWithValue(checkpoint.Note);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The notes of all logs, by shard and epoch.</summary>
    public static async Task<IReadOnlyList<string>> ReadNotesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT note FROM audit.tlog_checkpoint ORDER BY shard, epoch", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<string> notes = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            notes.Add(rows.GetString(0));
        }

        return notes;
    }
}
