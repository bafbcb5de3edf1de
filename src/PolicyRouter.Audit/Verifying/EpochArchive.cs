using System.Globalization;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>The NDJSON export of one whole log.</summary>
internal static class EpochArchive
{
    /// <summary>Name of the file of a log.</summary>
    public static string NameOf(string shard, long epoch) => string.Create(CultureInfo.InvariantCulture, $"{LogName.Escape(shard)}-{epoch:D8}.ndjson");

    /// <summary>What is wrong with an archive of this log with this many entries and this root; null when it is exactly that.</summary>
    /// <param name="checkpoints">Kept checkpoints of this log.</param>
    public static async Task<LogFault?> FaultOfAsync(
        Stream archive, string shard, long epoch, long count, byte[] root, IReadOnlyList<CheckpointKey> keys, IReadOnlyList<SignedCheckpoint> checkpoints,
        CancellationToken cancellationToken)
    {
        List<OneLogCheck> found = [];
        ExportVerification verification = new(keys, checkpoints, found.Add);
        try
        {
            await verification.RunAsync(archive, cancellationToken);
        }
        catch (FormatException damage)
        {
            return new LogFault(shard, epoch, null, null, damage.Message);
        }

        var faults = found.Select(static check => check.Fault).OfType<LogFault>().Concat(verification.Faults);
        return faults.FirstOrDefault()
            ?? (found is [var only] && only.Result is { First: 0 } result && result.Shard == shard && result.Epoch == epoch && result.Entries == count
                    && only.Tree.Root().AsSpan().SequenceEqual(root)
                ? null
                : new LogFault(shard, epoch, null, null, "It holds other entries than those of this log."));
    }
}
