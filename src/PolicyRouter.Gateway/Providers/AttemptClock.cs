using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers;

/// <summary>The deadlines of one attempt: a total, and one for the wait that is going on.</summary>
internal sealed class AttemptClock : IDisposable
{
    private readonly EndpointTimeouts _timeouts;
    private readonly CancellationTokenSource _total;
    private readonly CancellationTokenSource _wait;
    private FailureKind _waitingFor = FailureKind.TotalTimeout;

    public AttemptClock(EndpointTimeouts timeouts, TimeProvider time)
    {
        _timeouts = timeouts;
        _total = new CancellationTokenSource(timeouts.Total, time);
        _wait = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Which deadline has passed; null while none has.</summary>
    public FailureKind? Passed =>
        _wait.IsCancellationRequested ? _waitingFor : _total.IsCancellationRequested ? FailureKind.TotalTimeout : null;

    /// <summary>A token for as long as one caller waits.</summary>
    public CancellationTokenSource Link(CancellationToken caller) =>
        CancellationTokenSource.CreateLinkedTokenSource(caller, _total.Token, _wait.Token);

    /// <summary>A wait begins.</summary>
    /// <param name="kind"><see cref="FailureKind.FirstTokenTimeout"/> or <see cref="FailureKind.BetweenTokensTimeout"/>.</param>
    public void Start(FailureKind kind)
    {
        _waitingFor = kind;
        _wait.CancelAfter(kind is FailureKind.FirstTokenTimeout ? _timeouts.FirstToken : _timeouts.BetweenTokens);
    }

    public void Stop() => _wait.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _total.Dispose();
        _wait.Dispose();
    }
}
