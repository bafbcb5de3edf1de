using System.Text;
using System.Text.Json;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Retention;

/// <summary>What the log holds under one key of prompt hashes.</summary>
/// <param name="Hashes">Events with a hash under it.</param>
/// <param name="First">When the first of them was stored; null when there is none.</param>
/// <param name="Last">When the last of them was stored.</param>
/// <param name="Obstacle">Why the key may not be destroyed, in one sentence; null when it may.</param>
public sealed record HashesOfKey(string KeyId, long Hashes, DateTimeOffset? First, DateTimeOffset? Last, string? Obstacle);

/// <summary>
/// Requests for erasure are answered by destroying keys. This looks up what hangs on one; destroying it is for whoever keeps the vault. Hold the <see cref="RetentionTurn"/> meanwhile.
/// </summary>
public static class KeyErasure
{
    /// <summary>Reads every event once: minutes for tens of millions.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read or holds no log.</exception>
    public static async Task<HashesOfKey> FindAsync(string connectionString, string keyId, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString));
            var inUse = await KeysInUse.ReadAsync(database, KeyRotated.PromptHash, cancellationToken);
            await using var command = database.CreateCommand(
                "SELECT count(*), min(timestamp), max(timestamp) FROM audit.mt_events WHERE position($1 IN bdata) > 0 OR position($2 IN bdata) > 0");
            command.CommandTimeout = 0;
            var prefix = $"\":\"{JsonEncodedText.Encode($"hmac-sha256:{keyId}:")}";
            command.Parameters.AddWithValue(Encoding.UTF8.GetBytes("\"promptHash" + prefix));
            command.Parameters.AddWithValue(Encoding.UTF8.GetBytes("\"sentHash" + prefix));
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            HashesOfKey found = new(
                keyId, row.GetInt64(0), row.IsDBNull(1) ? null : new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero), row.IsDBNull(2) ? null : new DateTimeOffset(row.GetDateTime(2), TimeSpan.Zero), null);
            return found with { Obstacle = inUse == keyId ? InUse(keyId) : Held(found, await LegalHoldList.ReadAsync(connectionString, cancellationToken)) };
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The hashes cannot be looked up: this database holds no audit log, or cannot be reached.", exception);
        }
    }

    private static string InUse(string keyId) => $"The key `{keyId}` is in use. Give the gateways another Audit:PromptHashKey with another Audit:PromptHashKeyId first.";

    private static string? Held(HashesOfKey found, IReadOnlyList<LegalHold> holds) =>
        found is { First: { } first, Last: { } last } && holds.FirstOrDefault(hold => hold.Overlaps(first.AddDays(-1), last.AddDays(1))) is { } hold
            ? $"The legal hold `{hold.Name}` covers the time of the key; lift it first with `audit hold lift --name`."
            : null;
}
