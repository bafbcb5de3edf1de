using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Recomputes an export: nothing but the file, public keys and kept checkpoints is needed.</summary>
internal sealed class ExportVerification(IReadOnlyList<CheckpointKey> keys, IReadOnlyList<SignedCheckpoint> kept, Action<OneLogCheck> ended, CoverageRule? rule = null)
{
    private readonly List<LogFault> _faults = [];
    private readonly List<FoundEntry> _entries = [];
    private readonly RetiredLogs _retired = new(keys, archives: null);
    private readonly List<(long Index, RetentionExecuted Event)> _retentions = [];
    private readonly List<(string Shard, long Epoch, long First, long End, byte[] Root)> _begunLater = [];
    private ExportManifest? _manifest;
    private ExportedLog? _log;
    private OneLogCheck? _check;
    private CheckpointsOfLog? _checkpoints;
    private (long First, byte[] LeafHashes)? _batch;
    private long _rows;
    private bool _summed;

    /// <summary>Faults of the file as such, beside those of its logs.</summary>
    public IReadOnlyList<LogFault> Faults => _faults;
    public List<(string Shard, long Epoch)> Found { get; } = [];

    /// <summary>Whether it is the archive of one log, which says nothing about others.</summary>
    public bool IsOfOneLog => _manifest is { IsOfOneLog: true };

    /// <summary>Whether a checkpoint was signed before the export was made, by clocks that need not agree.</summary>
    public bool IsFromBefore(SignedCheckpoint checkpoint) => checkpoint.At is not { } at || at <= _manifest?.At - LogVerifier.ClockTolerance;

    /// <exception cref="FormatException">This is no export.</exception>
    public async Task RunAsync(Stream export, CancellationToken cancellationToken)
    {
        using ExportReader reader = new(export);
        var number = 0L;
        try
        {
            await foreach (var line in reader.LinesAsync(cancellationToken))
            {
                if (number++ == 0)
                {
                    _manifest = ExportLines.ReadManifest(line);
                }
                else if (_summed)
                {
                    throw new FormatException("Lines were added behind the last one.");
                }
                else
                {
                    Add(line, reader);
                }
            }
        }
        catch (FormatException damage) when (_manifest is not null)
        {
            _faults.Add(new LogFault(_log?.Shard, _log?.Epoch, null, null, $"Line {number} of the export was altered: {damage.Message}"));
            return;
        }

        if (_manifest is not { } manifest)
        {
            throw new FormatException("The file is empty.");
        }

        EndLog();
        if (!_summed)
        {
            _faults.Add(new LogFault(null, null, null, null, "The export ends early: its last line is missing."));
        }
        else if (manifest.Logs != Found.Count)
        {
            _faults.Add(new LogFault(null, null, null, null, $"The export says that it has {manifest.Logs} logs, and has {Found.Count}."));
        }

        if (manifest is { IsWhole: true })
        {
            CheckBeginnings();
        }
    }

    private void Add(byte[] line, ExportReader reader)
    {
        if (line.AsSpan().StartsWith(ExportLines.Log))
        {
            EndLog();
            StartLog(ExportLines.ReadLog(line));
        }
        else if (line.AsSpan().StartsWith(ExportLines.Batch))
        {
            EndBatch();
            _batch = _log is null ? throw new FormatException("Leaf hashes stand outside of a log.") : ExportLines.ReadBatch(line);
        }
        else if (line.AsSpan().StartsWith(ExportLines.Sum))
        {
            EndLog();
            _summed = true;
            var (rows, sha256) = ExportLines.ReadSum(line);
            if (rows != _rows || sha256 != reader.SumBefore)
            {
                _faults.Add(new LogFault(null, null, null, null, "The file is not as it was written: its number of rows or its SHA-256 differs from its last line."));
            }
        }
        else if (_batch is not { } batch)
        {
            throw new FormatException("An event stands outside of a log.");
        }
        else
        {
            _rows++;
            var facts = EventFacts.TryRead(line);
            _entries.Add(new FoundEntry(batch.First + _entries.Count, line, null, facts is null ? "The entry is no event." : null));
            if (facts?.Type == EventTypes.RetentionExecuted && CanonicalJsonReader.Read(line) is RetentionExecuted retention)
            {
                _retentions.Add((batch.First + _entries.Count - 1, retention));
            }
        }
    }

    private void StartLog(ExportedLog log)
    {
        _log = log;
        Found.Add((log.Shard, log.Epoch));
        var known = kept.Where(checkpoint => checkpoint.Shard == log.Shard && checkpoint.Epoch == log.Epoch && checkpoint.Size <= log.End).ToList();
        var own = Checkpoint(log);
        var isCoveredBehind = own?.Size > log.End;
        if (own is not null && !isCoveredBehind)
        {
            known.Add(own);
        }

        _checkpoints = new CheckpointsOfLog(known, keys);
        _check = new OneLogCheck(log.Shard, log.Epoch, MerkleStack.FromBytes(log.First, [.. log.Left.SelectMany(static hash => hash)]), _checkpoints, rule: isCoveredBehind ? null : rule);
        _check.Start();
    }

    private void EndBatch()
    {
        if (_batch is { } batch)
        {
            _check!.Add(new LogPage(batch.First, batch.LeafHashes, [.. _entries]));
            _entries.Clear();
            _batch = null;
        }
    }

    private void EndLog()
    {
        EndBatch();
        if (_log is not { } log || _check is not { } check)
        {
            return;
        }

        check.Finish(log.End, root: null);
        if (Checkpoint(log) is { } own && own.Size > log.End)
        {
            if (!own.IsSignedBy(keys))
            {
                check.Blame(null, null, $"None of the given keys has signed the checkpoint of the export, of size {own.Size}.");
            }
            else if (_manifest is { IsWhole: true })
            {
                check.Blame(log.End, null, $"The log ends with {log.End} entries, and the signed checkpoint beside it covers {own.Size}: its tail was cut.");
            }
            else if (!MerkleProof.IsConsistent(log.End, own.Size, log.Proof, check.Tree.Root(), own.Root.Span))
            {
                check.Blame(null, null, $"The entries are not those of the log that its signed checkpoint of size {own.Size} covers.");
            }
            else
            {
                _checkpoints!.Agree(own);
            }
        }

        CompareWithNewer(log, check);
        if (log.First > 0)
        {
            _begunLater.Add((log.Shard, log.Epoch, log.First, log.End, check.Tree.Root()));
        }

        _retired.Add(_retentions, check.Result);
        _retentions.Clear();
        ended(check);
        (_log, _check, _checkpoints) = (null, null, null);
    }

    /// <summary>An export of everything begins each log with its first entry, unless the log was retired, which then is recorded.</summary>
    private void CheckBeginnings()
    {
        foreach (var log in _begunLater)
        {
            var fault = log.First != log.End || IsOfOneLog ? "the log was not retired as a whole." : _retired.FaultOf(log.Shard, log.Epoch, log.End, log.Root);
            if (fault is not null)
            {
                _faults.Add(new LogFault(log.Shard, log.Epoch, 0, null, $"The entries before index {log.First} are not there, and {fault}"));
            }
        }
    }

    /// <summary>An export of everything that covers less than was published before it was made.</summary>
    private void CompareWithNewer(ExportedLog log, OneLogCheck check)
    {
        var most = kept.Where(checkpoint => checkpoint.Shard == log.Shard && checkpoint.Epoch == log.Epoch && IsFromBefore(checkpoint) && checkpoint.IsSignedBy(keys))
            .MaxBy(static checkpoint => checkpoint.Size);
        if (_manifest is { IsWhole: true } && most is not null && most.Size > log.End)
        {
            check.Blame(log.End, null, $"The log ends with {log.End} entries, and a signed checkpoint from before the export covers {most.Size}: its tail was cut, or an older backup was restored.");
        }
    }

    private static SignedCheckpoint? Checkpoint(ExportedLog log)
    {
        if (log.Checkpoint is not { } note)
        {
            return null;
        }

        var checkpoint = SignedCheckpoint.Parse(note);
        return checkpoint.Shard == log.Shard && checkpoint.Epoch == log.Epoch ? checkpoint : throw new FormatException("The checkpoint is one of another log.");
    }
}
