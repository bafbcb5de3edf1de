using PolicyRouter.Gateway.Admission;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>One request on its way through the steps: its id, its clock, and how long it waited for providers.</summary>
internal sealed class ChatExchange
{
    private readonly TimeProvider _time;
    private readonly long _started;
    private TimeSpan _providerTime;

    public ChatExchange(Guid requestId, TimeProvider time, CancellationToken callerLeft)
    {
        RequestId = requestId;
        CallerLeft = callerLeft;
        _time = time;
        _started = time.GetTimestamp();
        At = time.GetUtcNow();
    }

    public Guid RequestId { get; }

    /// <summary>When the request was admitted.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Cancelled when the caller has gone.</summary>
    public CancellationToken CallerLeft { get; }

    /// <summary>The step at work, for the log line of a failure.</summary>
    public string Step { get; set; } = "identify";

    /// <summary>What it took from its app's tokens a minute; null before it did.</summary>
    public TokenAllowance? Tokens { get; set; }

    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>Time not spent waiting for providers.</summary>
    public TimeSpan Overhead => Elapsed - _providerTime;

    public void AddProviderTime(TimeSpan waited) => _providerTime += waited;
}
