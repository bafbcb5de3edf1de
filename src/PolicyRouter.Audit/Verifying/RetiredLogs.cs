using System.Security.Cryptography;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Whether a log whose entries are gone was retired, and whether its archive is what was recorded.</summary>
/// <param name="retentions">What the other logs say about retired ones.</param>
/// <param name="archives">The folder with the archives; null looks at none.</param>
internal sealed class RetiredLogs(IReadOnlyList<RetentionExecuted> retentions, IReadOnlyList<CheckpointKey> keys, string? archives)
{
    public static bool IsAbout(RetentionExecuted retention, string shard, long epoch, long size, ReadOnlySpan<byte> root) =>
        retention.Shard == shard && retention.Epoch == epoch && retention.Count == size && retention.Root == Convert.ToHexStringLower(root);

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
        if (retentions.FirstOrDefault(retention => IsAbout(retention, head.Shard, head.Epoch, head.Size, head.Root)) is not { } retention)
        {
            return (0, $"The {head.Size} entries are gone, and no event says that the log was retired with this number and root: they were removed.");
        }

        return archives is null ? null : await FaultOfArchiveAsync(Path.Combine(archives, Path.GetFileName(retention.File)), retention, checkpoints, cancellationToken);
    }

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
