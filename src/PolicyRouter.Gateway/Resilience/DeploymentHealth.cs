using Polly;
using Polly.CircuitBreaker;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>
/// What is known about one deployment's health: a circuit breaker over its attempts, and how long it usually takes to its
/// first byte. Shared by all requests; thread-safe.
/// </summary>
internal sealed class DeploymentHealth
{
    // Weight of the newest sample. One slow answer moves the average by a fifth, five in a row by two thirds.
    private const double NewestWeight = 0.2;

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<ProviderReply> _breaker;
    private readonly TimeProvider _time;
    private long _openUntil;
    private long _lastFailure;
    private long _lastSuccess;
    private double _firstByteMs;

    public DeploymentHealth(TimeProvider time)
    {
        _time = time;
        _breaker = new ResiliencePipelineBuilder<ProviderReply> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ProviderReply>
            {
                Name = "deployment",
                // A trial that was cut short proves nothing: only an answer closes an open breaker.
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is ProviderReply.Failed failed
                        ? OutageSignals.IsOutage(failed.Failure)
                        : arguments.Outcome.Exception is not null && _state.CircuitState is CircuitState.HalfOpen),
                FailureRatio = 0.5,
                MinimumThroughput = 3,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDurationGenerator = static arguments => ValueTask.FromResult(
                    TimeSpan.FromSeconds(Math.Min(60, 5 * Math.Pow(2, Math.Min(arguments.HalfOpenAttempts, 4))))),
                StateProvider = _state,
                OnOpened = opened =>
                {
                    Volatile.Write(ref _openUntil, time.GetTimestamp() + (long)(opened.BreakDuration.TotalSeconds * time.TimestampFrequency));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>True while attempts would be refused: open, and not yet time for a trial.</summary>
    public bool IsOpen => _state.CircuitState is CircuitState.Open && _time.GetTimestamp() < Volatile.Read(ref _openUntil);

    public string State => _state.CircuitState switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half-open",
        _ => "open",
    };

    /// <summary>Timestamp of the last outage signal; 0 when there was none.</summary>
    public long LastFailure => Volatile.Read(ref _lastFailure);
    public long LastSuccess => Volatile.Read(ref _lastSuccess);

    /// <summary>Moving average of the time to the first byte of an answer, in milliseconds; 0 while nothing was measured.</summary>
    public double FirstByteMs => Volatile.Read(ref _firstByteMs);

    /// <summary>Runs one attempt through the breaker.</summary>
    /// <returns>The reply, or null when the breaker refused the attempt and nothing was sent.</returns>
    public async ValueTask<ProviderReply?> AttemptAsync(
        Func<CancellationToken, Task<ProviderReply>> send, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        try
        {
            var reply = await _breaker.ExecuteAsync(
                static async (attempt, token) => await attempt(token), send, cancellationToken);
            Note(reply, _time.GetElapsedTime(started));
            return reply;
        }
        catch (BrokenCircuitException)
        {
            return null;
        }
    }

    /// <summary>Tells the breaker of a failure that came to light after the attempt had been counted: a stream that broke.</summary>
    public async ValueTask ReportAsync(ProviderFailure failure)
    {
        ProviderReply reply = new ProviderReply.Failed(failure);
        _ = await AttemptAsync(_ => Task.FromResult(reply), CancellationToken.None);
    }

    private void Note(ProviderReply reply, TimeSpan elapsed)
    {
        if (reply is ProviderReply.Failed failed)
        {
            if (OutageSignals.IsOutage(failed.Failure))
            {
                Volatile.Write(ref _lastFailure, _time.GetTimestamp());
            }

            return;
        }

        Volatile.Write(ref _lastSuccess, _time.GetTimestamp());
        // Two threads may overwrite one another's sample; an average can bear that.
        var before = Volatile.Read(ref _firstByteMs);
        var sample = elapsed.TotalMilliseconds;
        Volatile.Write(ref _firstByteMs, before == 0 ? sample : before + (NewestWeight * (sample - before)));
    }
}
