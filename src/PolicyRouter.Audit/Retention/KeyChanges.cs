using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Retention;

/// <summary>Records, when a node comes up, that a key is another one than the one recorded last.</summary>
public static class KeyChanges
{
    /// <param name="promptHashKeyId">The configured id; null when the key lasts only as long as the process.</param>
    /// <param name="signer">Null when no checkpoints are signed.</param>
    /// <exception cref="AuditUnavailableException">It could not be recorded.</exception>
    public static async Task RecordAsync(
        AuditLog log, string connectionString, string? promptHashKeyId, CheckpointSigner? signer, string node, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        await using var database = AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString));
        foreach (var (purpose, keyId) in ((string, string?)[])[(KeyRotated.PromptHash, promptHashKeyId), (KeyRotated.Checkpoint, signer?.Key.Fingerprint)])
        {
            if (keyId is not null && await RecordedAsync(database, purpose, cancellationToken) is var recorded && recorded != keyId)
            {
                var now = time.GetUtcNow();
                _ = await log.AppendAsync(
                    new KeyRotated { Id = Guid.CreateVersion7(now), At = now, Purpose = purpose, KeyId = keyId, PreviousKeyId = recorded, Node = node }, cancellationToken);
            }
        }
    }

    private static async Task<string?> RecordedAsync(NpgsqlDataSource database, string purpose, CancellationToken cancellationToken)
    {
        try
        {
            return await KeysInUse.ReadAsync(database, purpose, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be asked which keys were in use.", exception);
        }
    }
}
