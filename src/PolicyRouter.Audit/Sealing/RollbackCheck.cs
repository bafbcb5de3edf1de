using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Sealing;

/// <summary>Refuses a database that is older than what was published about it, or another one.</summary>
internal static class RollbackCheck
{
    /// <summary>
    /// Compares the shard's own logs and, if the shard is known here, those of all others: a shard that is new to the database is how an operator says that the loss is accepted. What
    /// was recorded as lost is accepted, too.
    /// </summary>
    /// <param name="kept">The newest checkpoint of each log in the folder. Their signatures do not matter here: who can write where they lie can only make the start fail.</param>
    /// <exception cref="AuditUnavailableException">A checkpoint covers what the database does not have.</exception>
    public static async Task RequireAsync(
        NpgsqlConnection connection, string shard, string origin, IReadOnlyList<SignedCheckpoint> kept, CancellationToken cancellationToken)
    {
        SignedCheckpoint[] own = [.. kept.Where(checkpoint => checkpoint.Shard == shard)];
        foreach (var checkpoint in own)
        {
            Refuse(await FaultOfAsync(connection, checkpoint, isNewest: checkpoint == own[^1], cancellationToken));
        }

        SignedCheckpoint[] others = [.. kept.Where(checkpoint => checkpoint.Shard != shard && LogName.TryParse(checkpoint.Name)?.Origin == origin)];
        if (others.Length == 0)
        {
            return;
        }

        var heads = await HeadsAsync(connection, cancellationToken);
        if (!heads.Keys.Any(head => head.Shard == shard))
        {
            return;
        }

        // How they begin is for `audit verify`: what they end with is at hand.
        foreach (var checkpoint in others)
        {
            var log = $"epoch {checkpoint.Epoch} of shard {checkpoint.Shard}";
            var fault = !heads.TryGetValue((checkpoint.Shard, checkpoint.Epoch), out var head) ? $"{log} is gone, and a kept checkpoint covers {checkpoint.Size} events of it."
                : head.Size < checkpoint.Size ? $"{log} has {head.Size} events, and a kept checkpoint covers {checkpoint.Size}."
                : head.Size == checkpoint.Size && !head.Root.AsSpan().SequenceEqual(checkpoint.Root.Span) ? $"the {head.Size} events of {log} are not those that a kept checkpoint covers."
                : null;
            if (fault is not null && !await FoundRollbacks.IsRecordedAsync(connection, checkpoint.Shard, checkpoint.Epoch, checkpoint.Size, cancellationToken))
            {
                Refuse(fault);
            }
        }
    }

    private static void Refuse(string? fault)
    {
        if (fault is not null)
        {
            throw new AuditUnavailableException(
                $"The audit database went back in time or was changed: {fault} It may be an older backup. Nothing is recorded on it. Restore the newer database, or give this process another Audit:Shard; the loss then stays visible in `audit verify`.");
        }
    }

    private static async Task<Dictionary<(string Shard, long Epoch), (long Size, byte[] Root)>> HeadsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT shard, epoch, size, root FROM audit.tlog_head", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<(string, long), (long, byte[])> heads = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            heads[(rows.GetString(0), rows.GetInt64(1))] = (rows.GetInt64(2), rows[3] as byte[] ?? TreeHash.OfNothing);
        }

        return heads;
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
