using System.Security.Cryptography;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Audit.Retention;

/// <summary>
/// Takes finished epochs out of the database: into an archive that verifies by itself, then, in the transaction of the event that says so, out of the tables. Hold the
/// <see cref="RetentionTurn"/> meanwhile.
/// </summary>
/// <param name="connectionString">With a role that may delete, which a gateway's must not.</param>
/// <param name="keys">The public keys that may have signed checkpoints.</param>
/// <param name="kept">Checkpoints from outside of the database.</param>
public sealed class EpochRetirement(string connectionString, IReadOnlyList<CheckpointKey> keys, IReadOnlyList<SignedCheckpoint> kept)
{
    // Holds are about events' own times, and what is at hand quickly is when they were stored: an outcome may come hours late.
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    // Tools open a shard of their own each time, and nobody comes back to close it. A process that is still alive after so long a silence finds itself fenced.
    private const int YearsOfSilence = 1;

    private static readonly string[] Tables = ["mt_events", "mt_streams", "tlog_batch", "audit_request", "hand_off"];

    /// <summary>
    /// The finished epochs whose last event was stored before a time, by shard and epoch, those that may not be retired included. One that was never closed counts as finished after
    /// a further year.
    /// </summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read or holds no log.</exception>
    public async Task<IReadOnlyList<FinishedEpoch>> FindAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await DatabaseLog.OpenAsync(connectionString, TimeSpan.Zero, cancellationToken);
            EpochObstacles obstacles = new(database.Connection, await LegalHoldList.ReadAsync(database.Connection, cancellationToken));
            List<FinishedEpoch> found = [];
            foreach (var head in (await database.HeadsAsync(cancellationToken)).Where(static head => head is { IsRetired: false, Size: > 0 }))
            {
                if (await TimesAsync(database.Connection, head, cancellationToken) is not { } times)
                {
                    // A log without its events is damaged, whether it is open or not.
                    found.Add(new FinishedEpoch(head.Shard, head.Epoch, head.Size, default, default, "Its events are gone; `audit verify` says more."));
                }
                else if (times.Last < (head.IsClosed ? before : before.AddYears(-YearsOfSilence)))
                {
                    var obstacle = await obstacles.OfAsync(head, times.First - Margin, times.Last + Margin, cancellationToken);
                    found.Add(new FinishedEpoch(head.Shard, head.Epoch, head.Size, times.First, times.Last, obstacle));
                }
            }

            return found;
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The epochs cannot be read: this database holds no audit log, or cannot be reached.", exception);
        }
    }

    /// <summary>Whether the role may do it. A gateway's role may not.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read or holds no log.</exception>
    public async Task<bool> MayDeleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var database = AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString));
            await using var command = database.CreateCommand("SELECT bool_and(has_table_privilege('audit.' || name, 'DELETE')) FROM unnest($1) AS t(name)");
            command.Parameters.AddWithValue(Tables);
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The database cannot be asked what its role may do: it holds no audit log, or cannot be reached.", exception);
        }
    }

    /// <summary>Archives an epoch, verifies the archive, records the retirement and removes the events, the last two in one transaction.</summary>
    /// <param name="folder">Where the archive goes. What lies there under its name is replaced.</param>
    /// <param name="log">Records it; its deadline must be long enough for the removal.</param>
    /// <param name="before">What was asked for.</param>
    /// <param name="by">Who asked.</param>
    /// <returns>What was recorded.</returns>
    /// <exception cref="RetirementRefusedException">The epoch may not be retired, or is not what was recorded. It is as it was.</exception>
    /// <exception cref="AuditUnavailableException">It is as it was, unless the answer of the database was lost: then `audit verify` tells.</exception>
    /// <exception cref="IOException">The archive could not be written. The epoch is as it was.</exception>
    public async Task<RetentionExecuted> RetireAsync(
        FinishedEpoch epoch, string folder, AuditLog log, DateTimeOffset before, string by, TimeProvider time, CancellationToken cancellationToken)
    {
        if (epoch.Obstacle is { } obstacle)
        {
            throw new RetirementRefusedException(obstacle);
        }

        await CloseAsync(epoch, time.GetUtcNow(), cancellationToken);
        var file = Path.Combine(Directory.CreateDirectory(folder).FullName, epoch.ArchiveName);
        var (root, sum) = await ArchiveAsync(epoch, file, time.GetUtcNow(), cancellationToken);
        var now = time.GetUtcNow();
        RetentionExecuted retired = new()
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Shard = epoch.Shard,
            Epoch = epoch.Epoch,
            Count = epoch.Count,
            Root = Convert.ToHexStringLower(root),
            File = epoch.ArchiveName,
            FileSha256 = sum,
            Before = before,
            By = by,
        };
        _ = await log.AppendAsync(retired, cancellationToken);
        return retired;
    }

    private async Task CloseAsync(FinishedEpoch epoch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString));
            await using var command = database.CreateCommand("UPDATE audit.tlog_head SET closed_at = $4 WHERE shard = $1 AND epoch = $2 AND size = $3 AND closed_at IS NULL");
            command.Parameters.AddWithValue(epoch.Shard);
            command.Parameters.AddWithValue(epoch.Epoch);
            command.Parameters.AddWithValue(epoch.Count);
            command.Parameters.AddWithValue(now.UtcDateTime);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The epoch could not be closed.", exception);
        }
    }

    /// <summary>Writes the archive beside its place, verifies what was written, and moves it there.</summary>
    private async Task<(byte[] Root, string Sum)> ArchiveAsync(FinishedEpoch epoch, string file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var draft = file + ".part";
        try
        {
            var root = await WriteAsync(epoch, draft, now, cancellationToken);
            await using (FileStream written = new(draft, FileMode.Open, FileAccess.Read, FileShare.Read))
            {
                SignedCheckpoint[] known = [.. kept.Where(checkpoint => checkpoint.Shard == epoch.Shard && checkpoint.Epoch == epoch.Epoch)];
                if (await EpochArchive.FaultOfAsync(written, epoch.Shard, epoch.Epoch, epoch.Count, root, keys, known, cancellationToken) is { } fault)
                {
                    throw new RetirementRefusedException(
                        $"Its archive does not verify{(fault.Index is { } index ? $" at index {index}" : "")}: {fault.What} `audit verify` says more. Nothing was removed.");
                }
            }

            File.Move(draft, file, overwrite: true);
            await using FileStream archive = new(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return (root, Convert.ToHexStringLower(await SHA256.HashDataAsync(archive, cancellationToken)));
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private async Task<byte[]> WriteAsync(FinishedEpoch epoch, string file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await using var history = await HistorySnapshot.OpenAsync(
                connectionString, from: null, to: null, now, progress: null, cancellationToken, (epoch.Shard, epoch.Epoch));
            if (history.Logs is not [{ Head: { IsClosed: true, IsRetired: false, Root: { } root } head }] || head.Size != epoch.Count)
            {
                throw new RetirementRefusedException("It is not as it was found a moment ago. Nothing was removed.");
            }

            await using FileStream output = new(file, FileMode.Create, FileAccess.Write, FileShare.None);
            await new NdjsonExport().WriteAsync(history, output, cancellationToken);
            output.Flush(flushToDisk: true);
            return root;
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be read.", exception);
        }
        catch (FormatException damage)
        {
            throw new RetirementRefusedException($"It is damaged: {damage.Message} `audit verify` says more. Nothing was removed.");
        }
    }

    private static async Task<(DateTimeOffset First, DateTimeOffset Last)?> TimesAsync(NpgsqlConnection connection, StoredHead head, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT min(timestamp), max(timestamp) FROM audit.mt_events WHERE stream_id = $1", connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue(head.Stream);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return row.IsDBNull(0) ? null : (new DateTimeOffset(row.GetDateTime(0), TimeSpan.Zero), new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero));
    }
}
