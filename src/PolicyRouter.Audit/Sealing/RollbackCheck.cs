using Npgsql;
using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Audit.Sealing;

/// <summary>Refuses a database that is older than what was published about it, or another one.</summary>
internal static class RollbackCheck
{
    /// <param name="kept">The newest checkpoint of each epoch. Their signatures do not matter here: who can write where they lie can only make the start fail.</param>
    /// <exception cref="AuditUnavailableException">A checkpoint covers what the database does not have.</exception>
    public static async Task RequireAsync(NpgsqlConnection connection, IReadOnlyList<SignedCheckpoint> kept, CancellationToken cancellationToken)
    {
        foreach (var checkpoint in kept)
        {
            if (await FaultOfAsync(connection, checkpoint, isNewest: checkpoint == kept[^1], cancellationToken) is { } fault)
            {
                throw new AuditUnavailableException(
                    $"The audit database went back in time or was changed: {fault} It may be an older backup. Nothing is recorded on it. Restore the newer database, or give this process another Audit:Shard; the loss then stays visible in `audit verify`.");
            }
        }
    }

    private static async Task<string?> FaultOfAsync(NpgsqlConnection connection, SignedCheckpoint checkpoint, bool isNewest, CancellationToken cancellationToken)
    {
        var log = $"epoch {checkpoint.Epoch} of shard {checkpoint.Shard}";
        if (await HeadAsync(connection, checkpoint, cancellationToken) is not { } head)
        {
            return $"{log} is gone, and a kept checkpoint covers {checkpoint.Size} events of it.";
        }

        if (head.Size < checkpoint.Size)
        {
            return $"{log} has {head.Size} events, and a kept checkpoint covers {checkpoint.Size}.";
        }

        // The entries of a retired epoch are in an archive, with which `audit verify` compares every checkpoint.
        if (head.IsRetired && head.Size > checkpoint.Size)
        {
            return null;
        }

        // Older epochs are closed; what they hold is for `audit verify`, and theirs would take long.
        var root = head.Size == checkpoint.Size && (head.IsRetired || !isNewest) ? head.Root : await RootAtAsync(connection, checkpoint, cancellationToken);
        return root.AsSpan().SequenceEqual(checkpoint.Root.Span) ? null : $"the first {checkpoint.Size} events of {log} are not those that a kept checkpoint covers.";
    }

    private static async Task<(long Size, byte[] Root, bool IsRetired)?> HeadAsync(NpgsqlConnection connection, SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT size, root, retired_at IS NOT NULL FROM audit.tlog_head WHERE shard = $1 AND epoch = $2", connection);
        command.Parameters.AddWithValue(checkpoint.Shard);
        command.Parameters.AddWithValue(checkpoint.Epoch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetBoolean(2)) : null;
    }

    private static async Task<byte[]> RootAtAsync(NpgsqlConnection connection, SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        MerkleStack tree = new();
        await foreach (var (_, hash) in LeafHashes.ReadAsync(connection, checkpoint.Shard, checkpoint.Epoch, checkpoint.Size, cancellationToken))
        {
            tree.Append(hash.Span);
        }

        return tree.Root();
    }
}
