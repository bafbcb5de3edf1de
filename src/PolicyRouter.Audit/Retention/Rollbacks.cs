using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Retention;

/// <summary>
/// Records, when a node comes up, which logs of the database are shorter than a kept checkpoint says. The node's own are not among them: with those it would not have come up.
/// </summary>
public static class Rollbacks
{
    /// <param name="folder">Where checkpoints are kept, of whatever shards.</param>
    /// <returns>How many were recorded.</returns>
    /// <exception cref="AuditUnavailableException">It could not be recorded, or the checkpoints cannot be read.</exception>
    public static async Task<int> RecordAsync(AuditLog log, string connectionString, string folder, string node, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var recorded = 0;
        try
        {
            await using NpgsqlConnection connection = new(AuditConnectionString.ForOnce(connectionString));
            await connection.OpenAsync(cancellationToken);
            foreach (var kept in new CheckpointFolder(folder).NewestOfAll())
            {
                var head = await HeadAsync(connection, kept, cancellationToken);
                if (head?.Size >= kept.Size || await FoundRollbacks.IsRecordedAsync(connection, kept.Shard, kept.Epoch, kept.Size, cancellationToken))
                {
                    continue;
                }

                var now = time.GetUtcNow();
                _ = await log.AppendAsync(
                    new RollbackFound
                    {
                        Id = Guid.CreateVersion7(now),
                        At = now,
                        Shard = kept.Shard,
                        Epoch = kept.Epoch,
                        DatabaseSize = head?.Size ?? 0,
                        DatabaseRoot = head is { Root: var root } ? Convert.ToHexStringLower(root) : null,
                        CheckpointSize = kept.Size,
                        CheckpointRoot = Convert.ToHexStringLower(kept.Root.Span),
                        Node = node,
                    },
                    cancellationToken);
                recorded++;
            }

            return recorded;
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be compared with the kept checkpoints.", exception);
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new AuditUnavailableException($"The kept checkpoints cannot be read: {error.Message}", error);
        }
    }

    private static async Task<(long Size, byte[] Root)?> HeadAsync(NpgsqlConnection connection, SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT size, root FROM audit.tlog_head WHERE shard = $1 AND epoch = $2", connection);
        command.Parameters.AddWithValue(checkpoint.Shard);
        command.Parameters.AddWithValue(checkpoint.Epoch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1)) : null;
    }
}
