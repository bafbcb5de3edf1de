namespace PolicyRouter.Audit.Verifying;

/// <summary>Where a log is not what it should be: the first such place in it.</summary>
/// <param name="Shard">Null when it concerns no log in particular.</param>
/// <param name="Index">The first entry that is altered, missing, reordered or inserted; null when only the log as a whole is known to differ.</param>
/// <param name="EventId">The event that stands there; null when none does.</param>
/// <param name="What">What is wrong, in one sentence.</param>
public sealed record LogFault(string? Shard, long? Epoch, long? Index, Guid? EventId, string What);
