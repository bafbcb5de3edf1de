namespace PolicyRouter.Audit.Events;

/// <summary>A further attempt, to another deployment or to the same one again, was authorised. Durable before it is sent.</summary>
public sealed record AttemptAuthorized : AuditEvent
{
    public required Guid RequestId { get; init; }

    /// <summary>1-based; the attempt that <see cref="RequestDecided"/> authorises is number 1.</summary>
    public required int Attempt { get; init; }
    public required string AuthorizedDeployment { get; init; }
    public required string PolicyVersion { get; init; }

    /// <summary>What ended the attempt before: <c>status_529</c>, <c>first_token_timeout</c>, <c>connect_failed</c>, ...</summary>
    public required string AfterFailure { get; init; }
    public required int Redactions { get; init; }
    public required string SentHash { get; init; }
}
