namespace PolicyRouter.Audit.Events;

/// <summary>
/// Nobody permitted answered, and the redacted request may be posted to the route's webhook: to that one, this body, as often as it takes to arrive. Durable before a
/// byte of it leaves. A missing end must be read as "may have arrived".
/// </summary>
public sealed record HandOffAuthorized : AuditEvent
{
    public required Guid RequestId { get; init; }
    public required string PolicyVersion { get; init; }
    public required string Route { get; init; }

    /// <summary>Scheme, host and port of the webhook. Not its path: some of them hold a key.</summary>
    public required string Webhook { get; init; }

    /// <summary>What ended the last attempt: <c>status_529</c>, <c>deadline_exceeded</c>, ...</summary>
    public required string AfterFailure { get; init; }
    public required int Redactions { get; init; }

    /// <summary><c>hmac-sha256:KEYID:HEX</c> of the body that may be posted.</summary>
    public required string SentHash { get; init; }
    public required string Node { get; init; }
}

/// <summary>The webhook has taken the request.</summary>
public sealed record HandOffDelivered : AuditEvent
{
    public required Guid RequestId { get; init; }

    /// <summary>The id of the <see cref="HandOffAuthorized"/>.</summary>
    public required Guid HandOff { get; init; }

    /// <summary>Posts that were sent, this one included.</summary>
    public required int Posts { get; init; }
    public required int HttpStatus { get; init; }
}

/// <summary>The webhook did not take the request, and it is tried no more: somebody has to look for the caller by the request's id.</summary>
public sealed record HandOffDeadLettered : AuditEvent
{
    public required Guid RequestId { get; init; }

    /// <summary>The id of the <see cref="HandOffAuthorized"/>.</summary>
    public required Guid HandOff { get; init; }

    /// <summary>Posts that were sent, or may have been.</summary>
    public required int Posts { get; init; }

    /// <summary>Why the last post failed (<c>status_500</c>, <c>connect_failed</c>, ...); <c>unknown</c> when its process died: it may have arrived.</summary>
    public required string Failure { get; init; }
}
