namespace PolicyRouter.Audit.Events;

/// <summary>
/// A node came up on a database that has less of a log than a kept checkpoint covers: an older backup was restored, or the log was cut. Recorded once for each log, by the first node
/// that goes on under another shard's name; it names both heads.
/// </summary>
public sealed record RollbackFound : AuditEvent
{
    /// <summary>The shard whose log it is; not the one that this record stands in.</summary>
    public required string Shard { get; init; }
    public required long Epoch { get; init; }

    /// <summary>Events that the database has of it.</summary>
    public required long DatabaseSize { get; init; }

    /// <summary>Root hash over them, in lower-case hexadecimal; null when the log is gone as a whole.</summary>
    public required string? DatabaseRoot { get; init; }

    /// <summary>Events that the kept checkpoint covers.</summary>
    public required long CheckpointSize { get; init; }

    /// <summary>Root hash over those, in lower-case hexadecimal.</summary>
    public required string CheckpointRoot { get; init; }
    public required string Node { get; init; }
}
