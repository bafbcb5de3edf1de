namespace PolicyRouter.Audit.Events;

/// <summary>Nothing that this hold covers may be retired, nor the keys of it be destroyed, until it is lifted.</summary>
public sealed record LegalHoldPlaced : AuditEvent
{
    /// <summary>Its name, by which it is lifted.</summary>
    public required string Hold { get; init; }

    /// <summary>A reference or a sentence; no names of people concerned.</summary>
    public required string Reason { get; init; }
    public required string By { get; init; }

    /// <summary>Covers events at or after this time; null from the beginning.</summary>
    public required DateTimeOffset? From { get; init; }

    /// <summary>Covers events before this time; null without an end, those to come included.</summary>
    public required DateTimeOffset? To { get; init; }

    /// <summary>Covers the requests of these apps; empty for everything.</summary>
    public required IReadOnlyList<string> Apps { get; init; }
}

/// <summary>A legal hold ended.</summary>
public sealed record LegalHoldLifted : AuditEvent
{
    public required string Hold { get; init; }
    public required string Reason { get; init; }
    public required string By { get; init; }
}
