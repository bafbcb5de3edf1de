namespace PolicyRouter.Audit.Appending;

/// <summary>Proof that an event is durable. Only the log makes one, after the commit.</summary>
public sealed class AuditReceipt
{
    private int _claimed;

    internal AuditReceipt(Guid requestId, Guid eventId, string? authorizedDeployment, string? policyVersion, string? sentHash, long index, bool isSuspended = false)
    {
        RequestId = requestId;
        EventId = eventId;
        AuthorizedDeployment = authorizedDeployment;
        PolicyVersion = policyVersion;
        SentHash = sentHash;
        Index = index;
        IsSuspended = isSuspended;
    }

    public Guid RequestId { get; }
    public Guid EventId { get; }

    /// <summary>The one deployment that the event authorises a send to; null when it authorises none.</summary>
    public string? AuthorizedDeployment { get; }
    public string? PolicyVersion { get; }

    /// <summary>Keyed hash of the body that the event authorises.</summary>
    public string? SentHash { get; }

    /// <summary>True when the deployment was suspended before the event was committed: the record stands, the send may not happen.</summary>
    public bool IsSuspended { get; }

    /// <summary>True the first time: one durable record authorises one send.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Position in the writer's stream, 0-based: the leaf index of the event.</summary>
    public long Index { get; }
}
