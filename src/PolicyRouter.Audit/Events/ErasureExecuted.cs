namespace PolicyRouter.Audit.Events;

/// <summary>
/// A key of prompt hashes is given up: it is destroyed where it lies, and the hashes under it say nothing about anybody any more. The log stays as it is. Recorded before the key
/// is destroyed.
/// </summary>
public sealed record ErasureExecuted : AuditEvent
{
    /// <summary>The key's id, as it stands in the hashes.</summary>
    public required string KeyId { get; init; }

    /// <summary>Events with a hash under it.</summary>
    public required long Hashes { get; init; }

    /// <summary>When the first of them was recorded; null when there is none.</summary>
    public required DateTimeOffset? First { get; init; }

    /// <summary>When the last of them was recorded; null when there is none.</summary>
    public required DateTimeOffset? Last { get; init; }

    /// <summary>The reference of the request; no names.</summary>
    public required string Reason { get; init; }
    public required string By { get; init; }
}
