namespace PolicyRouter.Audit.Retention;

/// <summary>An epoch to which nothing is added any more and whose last event is older than was asked for.</summary>
/// <param name="Count">Its events.</param>
/// <param name="First">When the first of them was stored, by the database's clock.</param>
/// <param name="Last">When the last of them was stored.</param>
/// <param name="Obstacle">Why it may not be retired, in one sentence; null when it may.</param>
public sealed record FinishedEpoch(string Shard, long Epoch, long Count, DateTimeOffset First, DateTimeOffset Last, string? Obstacle)
{
    /// <summary>Name of its archive.</summary>
    public string ArchiveName => Verifying.EpochArchive.NameOf(Shard, Epoch);
}
