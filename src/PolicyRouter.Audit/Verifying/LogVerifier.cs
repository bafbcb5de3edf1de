using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Recomputes whole logs from their bytes and compares them with everything that was said about them.</summary>
/// <param name="keys">The public keys that may have signed checkpoints.</param>
/// <param name="kept">Checkpoints from outside of the database: without any, a rollback, and a rewrite of everything, goes unnoticed.</param>
/// <param name="progress">Told how many entries of how many in a database are done.</param>
/// <param name="roots">Kept root checkpoints, which cover all logs of the database together.</param>
/// <param name="archives">The folder with the archives of retired logs; null compares their number and root only.</param>
/// <param name="requiresCoverage">Whether entries that no signed checkpoint covers are a fault, but for those of a process's last moments; otherwise they are counted.</param>
public sealed class LogVerifier(
    IReadOnlyList<CheckpointKey> keys, IReadOnlyList<SignedCheckpoint> kept, Action<long, long>? progress = null, KeptRoots? roots = null, string? archives = null,
    bool requiresCoverage = false)
{
    internal static readonly TimeSpan ClockTolerance = ClockCheck.DefaultTolerance;

    private readonly List<LogFault> _faults = [];
    private readonly List<VerifiedLog> _logs = [];
    private readonly RetiredLogs _retired = new(keys, archives);
    private long _done;

    /// <summary>Verifies the logs of a database as they are at one instant; writers go on meanwhile.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read or holds no log.</exception>
    public async Task<VerificationReport> VerifyDatabaseAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await DatabaseLog.OpenAsync(connectionString, ClockTolerance, cancellationToken);
            var heads = await database.HeadsAsync(cancellationToken);
            var checkpoints = await AllCheckpointsAsync(database, cancellationToken);
            var total = heads.Sum(static head => head.IsRetired ? 0 : head.Size);

            // The logs that were retired last: what says so is in the others.
            foreach (var head in heads.Where(static head => !head.IsRetired))
            {
                await VerifyLogAsync(database, head, checkpoints, total, cancellationToken);
            }

            foreach (var head in heads.Where(static head => head.IsRetired))
            {
                await VerifyRetiredAsync(database, head, checkpoints, cancellationToken);
            }

            var inOrder = _logs.OrderBy(static log => log.Shard, StringComparer.Ordinal).ThenBy(static log => log.Epoch).ToList();

            CheckEpochs([.. heads.Select(static head => (head.Shard, head.Epoch))], checkpoints);
            if (new RootTree(heads).FaultOf(roots?.Newest ?? [], keys) is { } gone)
            {
                _faults.Add(gone);
            }

            if (await database.StrayAsync(cancellationToken) is { } stray)
            {
                _faults.Add(new LogFault(null, null, null, stray, "The event is in no log: it was inserted, or the head of its log was removed."));
            }

            return new VerificationReport(inOrder, checkpoints.Count + (roots?.Newest.Count ?? 0), _faults);
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn)
        {
            throw new AuditUnavailableException("This database holds no audit log.", exception);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be read.", exception);
        }
    }

    /// <summary>Verifies an NDJSON export, without the database it was taken from.</summary>
    /// <exception cref="FormatException">This is no export.</exception>
    public async Task<VerificationReport> VerifyExportAsync(Stream export, CancellationToken cancellationToken)
    {
        ExportVerification verification = new(keys, kept, End, requiresCoverage ? new CoverageRule(YoungSince: null) : null);
        await verification.RunAsync(export, cancellationToken);
        if (!verification.IsOfOneLog)
        {
            CheckEpochs(verification.Found, [.. kept.Where(verification.IsFromBefore)]);
        }

        _faults.AddRange(verification.Faults);
        return new VerificationReport(_logs, kept.Count, _faults);
    }

    private async Task VerifyLogAsync(
        DatabaseLog database, StoredHead head, IReadOnlyList<SignedCheckpoint> checkpoints, long total, CancellationToken cancellationToken)
    {
        var rule = requiresCoverage ? new CoverageRule(TimeProvider.System.GetUtcNow() - CoverageRule.Grace) : null;
        OneLogCheck check = new(head.Shard, head.Epoch, new MerkleStack(), Of(checkpoints, head.Shard, head.Epoch), rule: rule);
        check.Start();
        await foreach (var page in database.PagesAsync(head, 0, long.MaxValue, cancellationToken))
        {
            check.Add(page);
            if (check.Fault is not null)
            {
                break;
            }

            progress?.Invoke(_done + check.Tree.Size, total);
        }

        if (await database.OutsiderAsync(head, cancellationToken) is var (index, id))
        {
            check.Blame(index, id, $"The entry was inserted: it stands {(index < 0 ? "before the beginning" : "behind the end")} of the log.");
        }

        check.Finish(head.Size, head.Root ?? ReadOnlyMemory<byte>.Empty);
        if (head.Stack is null || !check.Tree.ToBytes().SequenceEqual(head.Stack))
        {
            check.Blame(null, null, "The head's right edge of the tree was altered.");
        }

        if (await database.StreamFaultAsync(head, cancellationToken) is { } fault)
        {
            check.Blame(null, null, fault);
        }

        _retired.Add(database.TakeRetentions(), check.Result);
        End(check);
        _done += head.Size;
    }

    private async Task VerifyRetiredAsync(DatabaseLog database, StoredHead head, IReadOnlyList<SignedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        var known = Of(checkpoints, head.Shard, head.Epoch);
        if (RetiredLogs.TreeOf(head) is not { } tree)
        {
            _faults.Add(new LogFault(head.Shard, head.Epoch, null, null, "The head's right edge of the tree was altered."));
            return;
        }

        OneLogCheck check = new(head.Shard, head.Epoch, tree, known, isRetired: true);
        check.Start();
        check.Finish(head.Size, head.Root ?? ReadOnlyMemory<byte>.Empty);
        if (await database.StreamFaultAsync(head, cancellationToken) is { } fault)
        {
            check.Blame(null, null, fault);
        }

        if (await _retired.FaultOfAsync(head, [.. checkpoints.Where(checkpoint => checkpoint.Shard == head.Shard && checkpoint.Epoch == head.Epoch)], cancellationToken) is { } missing)
        {
            check.Blame(missing.Index, null, missing.What);
        }

        End(check);
    }

    /// <summary>Of the database and of the outside together: those of the database are signed as well.</summary>
    private async Task<IReadOnlyList<SignedCheckpoint>> AllCheckpointsAsync(DatabaseLog database, CancellationToken cancellationToken)
    {
        List<SignedCheckpoint> all = [.. kept, .. roots?.Covered ?? []];
        foreach (var note in await CheckpointTable.ReadNotesAsync(database.Connection, cancellationToken))
        {
            try
            {
                all.Add(SignedCheckpoint.Parse(note));
            }
            catch (FormatException)
            {
                _faults.Add(new LogFault(null, null, null, null, "A checkpoint in the database was altered: it cannot be read."));
            }
        }

        return all;
    }

    private CheckpointsOfLog Of(IReadOnlyList<SignedCheckpoint> checkpoints, string shard, long epoch) =>
        new(checkpoints.Where(checkpoint => checkpoint.Shard == shard && checkpoint.Epoch == epoch), keys);

    private void End(OneLogCheck check)
    {
        _logs.Add(check.Result);
        if (check.Fault is { } fault)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>Every shard has its epochs from 1 on, and every log that a checkpoint names is there.</summary>
    private void CheckEpochs(IReadOnlyList<(string Shard, long Epoch)> found, IReadOnlyList<SignedCheckpoint> checkpoints)
    {
        foreach (var epochs in found.GroupBy(static log => log.Shard, static log => log.Epoch, StringComparer.Ordinal))
        {
            var missing = epochs.Order().Select(static (epoch, position) => (Epoch: epoch, Expected: position + 1L)).FirstOrDefault(static pair => pair.Epoch != pair.Expected);
            if (missing.Expected != 0)
            {
                _faults.Add(new LogFault(epochs.Key, missing.Expected, null, null, "The log of this epoch is gone: later ones of the shard are there."));
            }
        }

        foreach (var gone in checkpoints.Where(checkpoint => checkpoint.Size > 0 && !found.Contains((checkpoint.Shard, checkpoint.Epoch)))
            .GroupBy(static checkpoint => (checkpoint.Shard, checkpoint.Epoch)))
        {
            var most = gone.MaxBy(static checkpoint => checkpoint.Size)!;
            _faults.Add(most.IsSignedBy(keys)
                ? new LogFault(most.Shard, most.Epoch, 0, null, $"The log is gone, and a signed checkpoint covers {most.Size} entries of it: it was removed, or an older backup was restored.")
                : new LogFault(most.Shard, most.Epoch, null, null, "A checkpoint names a log that is not there, and none of the given keys has signed it."));
        }
    }
}
