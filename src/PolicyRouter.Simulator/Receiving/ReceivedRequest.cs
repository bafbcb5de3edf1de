using System.Text;

namespace PolicyRouter.Simulator.Receiving;

/// <summary>One request as a provider got it: proof of what was disclosed, and of what became of it. Thread-safe.</summary>
public sealed class ReceivedRequest
{
    private readonly TaskCompletionSource _abortSeen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _changed;
    private int _outcome;
    private int _status;
    private int _waitCount;
    private volatile bool _isWaiting;

    internal ReceivedRequest(long order, string provider, DateTimeOffset at, Action changed)
    {
        Order = order;
        Provider = provider;
        ReceivedAt = at;
        _changed = changed;
    }

    /// <summary>Position among all requests of the fleet, from 1.</summary>
    public long Order { get; }

    public string Provider { get; }

    public DateTimeOffset ReceivedAt { get; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    /// <summary>With its question mark, or empty.</summary>
    public required string Query { get; init; }

    /// <summary>Every header as received, names in any case; several values joined by a comma.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The body's bytes; if the client left in the middle of it, as much as had been read by then.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    public RequestOutcome Outcome => (RequestOutcome)Volatile.Read(ref _outcome);

    /// <summary>The whole answer, good or an error, has been written.</summary>
    public bool Answered => Outcome is RequestOutcome.Answered;

    /// <summary>The client left before the answer had ended.</summary>
    public bool ClientAborted => Outcome is RequestOutcome.ClientAborted;

    /// <summary>The status sent, once the answer has begun; null before.</summary>
    public int? Status => Volatile.Read(ref _status) is var status and not 0 ? status : null;

    /// <summary>
    /// A time-based fault is holding the answer back now: its timer is set, so a test may advance its clock.
    /// </summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Completes when the client leaves before its answer has ended; never otherwise.</summary>
    public Task AbortSeen => _abortSeen.Task;

    /// <summary>How often a time-based fault has held the answer back so far, the present time included.</summary>
    public int WaitCount => Volatile.Read(ref _waitCount);

    internal void Begin(int status)
    {
        Volatile.Write(ref _status, status);
        _changed();
    }

    internal void SetWaiting(bool isWaiting)
    {
        if (isWaiting)
        {
            Interlocked.Increment(ref _waitCount);
        }

        _isWaiting = isWaiting;
        _changed();
    }

    internal void End(RequestOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, (int)outcome, (int)RequestOutcome.Pending) != (int)RequestOutcome.Pending)
        {
            return;
        }

        if (outcome is RequestOutcome.ClientAborted)
        {
            _abortSeen.TrySetResult();
        }

        _changed();
    }
}

/// <summary>What became of a request at the provider.</summary>
public enum RequestOutcome
{
    Pending,
    Answered,
    ClientAborted,

    /// <summary>The provider broke the connection itself, on command.</summary>
    BrokenByFault,
}
