using System.Security.Cryptography;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Whether a log whose entries are gone was retired, and whether its archive is what was recorded.</summary>
/// <param name="keys">Without any nothing is known to be signed, and every event counts.</param>
/// <param name="archives">The folder with the archives; null looks at none.</param>
internal sealed class RetiredLogs(IReadOnlyList<CheckpointKey> keys, string? archives)
{
    private readonly List<RetentionExecuted> _covered = [];
    private readonly List<RetentionExecuted> _uncovered = [];

    /// <summary>What a log says about retired ones. Only what a signed checkpoint covers counts: anybody who may write to the database can write such an event.</summary>
    public void Add(IEnumerable<(long Index, RetentionExecuted Event)> retentions, VerifiedLog log)
    {
        foreach (var (index, retention) in retentions)
        {
            (keys.Count == 0 || index < log.Covered ? _covered : _uncovered).Add(retention);
        }
    }

    /// <summary>What is wrong when the entries of this log are gone; null when a covered event says that it was retired.</summary>
    public string? FaultOf(string shard, long epoch, long size, byte[]? root) =>
        Find(_covered, shard, epoch, size, root) is not null ? null
        : Find(_uncovered, shard, epoch, size, root) is null ? "no event says that the log was retired with this number and root: they were removed."
        : "no signed checkpoint covers the event that says that the log was retired: anybody who may write to the database can have written it.";

    /// <summary>Null when what the head keeps of the tree is none.</summary>
    public static MerkleStack? TreeOf(StoredHead head)
    {
        try
        {
            return MerkleStack.FromBytes(head.Size, head.Stack);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <param name="checkpoints">All that are known of this log.</param>
    public async Task<(long? Index, string What)?> FaultOfAsync(StoredHead head, IReadOnlyList<SignedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        // An archive that verifies against a signed checkpoint is evidence enough: a process that was killed between the event and its checkpoint has destroyed nothing.
        var hasEvidence = archives is not null && checkpoints.Any(checkpoint => checkpoint.Size > 0 && checkpoint.IsSignedBy(keys));
        var retention = Find(_covered, head.Shard, head.Epoch, head.Size, head.Root) ?? (!hasEvidence ? null : Find(_uncovered, head.Shard, head.Epoch, head.Size, head.Root));
        if (retention is null)
        {
            return (0, $"The {head.Size} entries are gone, and {FaultOf(head.Shard, head.Epoch, head.Size, head.Root)}");
        }

        return archives is null ? null : await FaultOfArchiveAsync(Path.Combine(archives, Path.GetFileName(retention.File)), retention, checkpoints, cancellationToken);
    }

    private static RetentionExecuted? Find(List<RetentionExecuted> retentions, string shard, long epoch, long size, byte[]? root) => retentions.Find(retention =>
        retention.Shard == shard && retention.Epoch == epoch && retention.Count == size && retention.Root == Convert.ToHexStringLower(root ?? []));

    private async Task<(long? Index, string What)?> FaultOfArchiveAsync(
        string file, RetentionExecuted retention, IReadOnlyList<SignedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            return (null, $"The log was retired, and its archive {retention.File} is not in the folder.");
        }

        await using FileStream archive = new(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        var sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(archive, cancellationToken));
        archive.Position = 0;
        if (await EpochArchive.FaultOfAsync(archive, retention.Shard, retention.Epoch, retention.Count, Convert.FromHexString(retention.Root), keys, checkpoints, cancellationToken)
            is { } fault)
        {
            return (fault.Index, $"The archive {retention.File} is not what was recorded: {fault.What}");
        }

        return sum == retention.FileSha256 ? null : (null, $"The archive {retention.File} is not the file that was recorded: its SHA-256 is another.");
    }
}
