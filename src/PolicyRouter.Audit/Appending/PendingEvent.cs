using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>An event on its way into the log: waited for by a caller, or an outcome that nobody waits for.</summary>
internal sealed class PendingEvent
{
    // A clock that is set right by less is left alone: it is as good as clocks are.
    private static readonly TimeSpan LeastLeap = TimeSpan.FromSeconds(1);

    /// <summary>The end of a request that was recorded and never sent, since its caller was refused.</summary>
    public const string NotSent = "not-sent";

    private const int Queued = 0;
    private const int Taken = 1;
    private const int GivenUp = 2;
    private const int Acknowledged = 3;

    private readonly TaskCompletionSource<AuditReceipt>? _caller;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _madeAt;
    private readonly long _made;
    private int _state;
    private volatile bool _callerLeft;

    private PendingEvent(PreparedEvent prepared, TaskCompletionSource<AuditReceipt>? caller, TimeSpan patience, TimeProvider time)
    {
        Prepared = prepared;
        _caller = caller;
        _patience = patience;
        _time = time;
        _madeAt = time.GetUtcNow();
        _made = time.GetTimestamp();
    }

    public PreparedEvent Prepared { get; }
    public bool IsOutcome => _caller is null;

    public Task<AuditReceipt> Receipt => _caller?.Task ?? throw new InvalidOperationException("Nobody waits for an outcome.");

    /// <param name="patience">After this time it is not recorded any more: its caller has been refused, or is about to be.</param>
    public static PendingEvent Awaited(PreparedEvent prepared, TimeSpan patience, TimeProvider time) =>
        new(prepared, new TaskCompletionSource<AuditReceipt>(TaskCreationOptions.RunContinuationsAsynchronously), patience, time);

    public static PendingEvent Outcome(PreparedEvent prepared, TimeProvider time) => new(prepared, null, TimeSpan.MaxValue, time);

    /// <summary>The writer puts it in a batch, unless its caller has given up or waits no longer.</summary>
    public bool TryTake()
    {
        if (_time.GetElapsedTime(_made) > _patience)
        {
            Refuse("The event was not recorded before the deadline.");
            return false;
        }

        return Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;
    }

    /// <summary>
    /// The event as it is to be recorded: if our clock was set since the event was made, which shows by the time that really passed, its time is set as well.
    /// </summary>
    public PreparedEvent ByClockOfNow()
    {
        var leap = _time.GetUtcNow() - _madeAt - _time.GetElapsedTime(_made);
        return leap.Duration() > LeastLeap ? PreparedEvent.From(Prepared.Entry with { At = Prepared.Entry.At + leap }) : Prepared;
    }

    /// <summary>The caller waits no longer. What the writer has taken may still become a record of something that was never sent.</summary>
    public Standing GiveUp(bool callerLeft)
    {
        _callerLeft = callerLeft;
        return Interlocked.CompareExchange(ref _state, GivenUp, Queued) == Queued ? Standing.NotRecorded
            : Interlocked.CompareExchange(ref _state, GivenUp, Taken) == Acknowledged ? Standing.Recorded
            : Standing.MayBeRecorded;
    }

    /// <param name="suspended">Deployments that were suspended when it was committed.</param>
    /// <returns>False when its caller has given up: then <see cref="UnsentEnd"/> belongs into the log.</returns>
    public bool Succeed(long index, IReadOnlySet<string> suspended)
    {
        if (_caller is null)
        {
            return true;
        }

        if (Interlocked.CompareExchange(ref _state, Acknowledged, Taken) != Taken)
        {
            return false;
        }

        _caller.TrySetResult(ReceiptFor(index, suspended));
        return true;
    }

    public void Refuse(string why, bool mayBeRecorded = false)
    {
        Interlocked.CompareExchange(ref _state, GivenUp, Taken);
        _caller?.TrySetException(new AuditUnavailableException(why) { MayBeRecorded = mayBeRecorded });
    }

    /// <summary>
    /// The end of what was recorded and for which nobody has a receipt: without one nothing can have been sent. Null for an event that has no end.
    /// </summary>
    public AuditEvent? UnsentEnd(DateTimeOffset now) => Prepared.Entry switch
    {
        RequestDecided { AuthorizedDeployment: not null } decided => new RequestCompleted
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            RequestId = decided.Id,
            Outcome = _callerLeft ? "cancelled" : NotSent,
            Deployment = null,
            Attempts = 0,
            Failures = [],
            HttpStatus = _callerLeft ? null : 503,
            InputTokens = null,
            OutputTokens = null,
            DurationMs = Math.Max(0, (long)(now - decided.At).TotalMilliseconds),
            FirstByteMs = null,
            ResponseModel = null,
        },
        HandOffAuthorized handOff => new HandOffDeadLettered
        {
            Id = Guid.CreateVersion7(now), At = now, RequestId = handOff.RequestId, HandOff = handOff.Id, Posts = 0, Failure = "not_sent",
        },
        _ => null,
    };

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

/// <summary>What is known of an event whose caller gives up.</summary>
internal enum Standing
{
    /// <summary>It never will be.</summary>
    NotRecorded,

    /// <summary>The writer has it; it will learn what became of it.</summary>
    MayBeRecorded,

    /// <summary>It is durable, and its receipt is there.</summary>
    Recorded,
}
