namespace PolicyRouter.Audit.Verifying;

/// <summary>How far one log, a shard in one epoch, was recomputed and what covers it.</summary>
/// <param name="First">Index of the first entry that was at hand: 0 but for an export of a part.</param>
/// <param name="Entries">Entries that were recomputed.</param>
/// <param name="Covered">How many of all entries, from index 0, the newest signed checkpoint covers; null when there is none.</param>
/// <param name="CoveredAt">When that checkpoint was signed.</param>
/// <param name="IsRetired">Its entries were taken out of the database: their number and root were compared, and the archive if it was at hand.</param>
public sealed record VerifiedLog(string Shard, long Epoch, long First, long Entries, long? Covered, DateTimeOffset? CoveredAt, bool IsRetired = false)
{
    /// <summary>Entries behind the newest checkpoint: what a process wrote in its last second before it was killed, or somebody added.</summary>
    public long Uncovered => Math.Max(0, First + Entries - Math.Max(First, Covered ?? 0));
}
