using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>An event on its way into the log: waited for by a caller, or an outcome that nobody waits for.</summary>
internal sealed class PendingEvent
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;

    private readonly TaskCompletionSource<AuditReceipt>? _caller;
    private int _state;

    private PendingEvent(PreparedEvent prepared, TaskCompletionSource<AuditReceipt>? caller)
    {
        Prepared = prepared;
        _caller = caller;
    }

    public PreparedEvent Prepared { get; }
    public bool IsOutcome => _caller is null;

    public Task<AuditReceipt> Receipt => _caller?.Task ?? throw new InvalidOperationException("Nobody waits for an outcome.");

    public static PendingEvent Awaited(PreparedEvent prepared) =>
        new(prepared, new TaskCompletionSource<AuditReceipt>(TaskCreationOptions.RunContinuationsAsynchronously));

    public static PendingEvent Outcome(PreparedEvent prepared) => new(prepared, null);

    /// <summary>The writer puts it in a batch, unless its caller has given up.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    /// <summary>The caller gives up. One that the writer has taken may still become a record of something that was never sent.</summary>
    public void Abandon() => Interlocked.CompareExchange(ref _state, Abandoned, Queued);

    /// <param name="suspended">Deployments that were suspended when it was committed.</param>
    public void Succeed(long index, IReadOnlySet<string> suspended) => _caller?.TrySetResult(ReceiptFor(index, suspended));

    public void Refuse(string why) => _caller?.TrySetException(new AuditUnavailableException(why));

    private AuditReceipt ReceiptFor(long index, IReadOnlySet<string> suspended) => Prepared.Entry switch
    {
        RequestDecided decided => new AuditReceipt(
            decided.Id, decided.Id, decided.AuthorizedDeployment, decided.PolicyVersion, decided.SentHash, index, IsIn(suspended, decided.AuthorizedDeployment)),
        AttemptAuthorized attempt => new AuditReceipt(
            attempt.RequestId, attempt.Id, attempt.AuthorizedDeployment, attempt.PolicyVersion, attempt.SentHash, index, IsIn(suspended, attempt.AuthorizedDeployment)),
        HandOffAuthorized handOff => new AuditReceipt(handOff.RequestId, handOff.Id, null, handOff.PolicyVersion, handOff.SentHash, index),
        RequestCompleted completed => new AuditReceipt(completed.RequestId, completed.Id, null, null, null, index),
        var other => new AuditReceipt(other.Id, other.Id, null, null, null, index),
    };

    private static bool IsIn(IReadOnlySet<string> suspended, string? deployment) => deployment is not null && suspended.Contains(RequestIndex.Clean(deployment));
}
