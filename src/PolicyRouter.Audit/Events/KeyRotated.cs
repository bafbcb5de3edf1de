namespace PolicyRouter.Audit.Events;

/// <summary>A node came up with another key than the one that was in use.</summary>
public sealed record KeyRotated : AuditEvent
{
    /// <summary>The purpose of keys of prompt hashes.</summary>
    public const string PromptHash = "prompt-hash";

    /// <summary>The purpose of keys that sign checkpoints.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary><c>prompt-hash</c> or <c>checkpoint</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>The new key: its configured id, or <c>sha256:HEX</c> of the public half.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key before; null when none is known.</summary>
    public required string? PreviousKeyId { get; init; }
    public required string Node { get; init; }
}
