namespace PolicyRouter.Audit.Events;

/// <summary>
/// Something the log keeps for ever. Flat records of strings and integers: their canonical JSON (properties in ordinal order)
/// is what is stored and, later, hashed. Never prompt or completion text, a secret or a token.
/// </summary>
public abstract record AuditEvent
{
    /// <summary>Unique id of the event (UUIDv7). For <see cref="RequestDecided"/> the id of the request itself.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it happened by our clock, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
