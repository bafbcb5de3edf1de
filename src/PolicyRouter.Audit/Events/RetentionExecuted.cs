namespace PolicyRouter.Audit.Events;

/// <summary>
/// The events of a finished epoch, which were older than the retention, were taken out of the database in the transaction of this record. What they were lies in the archive; what
/// the log was stays provable by size and root.
/// </summary>
public sealed record RetentionExecuted : AuditEvent
{
    /// <summary>The shard whose epoch it was; not the one that this record stands in.</summary>
    public required string Shard { get; init; }
    public required long Epoch { get; init; }

    /// <summary>Events of the epoch: indexes 0 up to and without this number.</summary>
    public required long Count { get; init; }

    /// <summary>Root hash over all of them (RFC 6962), in lower-case hexadecimal.</summary>
    public required string Root { get; init; }

    /// <summary>Name of the archive, without a folder.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of the archive, in lower-case hexadecimal.</summary>
    public required string FileSha256 { get; init; }

    /// <summary>The last event of the epoch was recorded before this time.</summary>
    public required DateTimeOffset Before { get; init; }
    public required string By { get; init; }
}
