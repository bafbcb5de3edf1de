using Polly;
using Polly.CircuitBreaker;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience.Drifting;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>An attempt that was made.</summary>
/// <param name="CountsAgainst">It failed, and not by its caller's fault.</param>
internal sealed record Attempted(ProviderReply Reply, bool CountsAgainst);

/// <summary>
/// What is known about one deployment's health: a circuit breaker over its attempts, how it drifts, and how long it usually takes to its
/// first byte. Shared by all requests; thread-safe.
/// </summary>
internal sealed class DeploymentHealth
{
    // Weight of the newest sample. One slow answer moves the average by a fifth, five in a row by two thirds.
    private const double NewestWeight = 0.2;

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<Attempted> _breaker;
    private readonly CallerErrors _callers;
    private readonly TimeProvider _time;
    private long _openUntil;
    private long _lastFailure;
    private double _firstByteMs;
    private int _lastResort;
    private int _closings;
    private long _probedUntil;

    public DeploymentHealth(string deploymentId, TimeProvider time, HealthSignals signals)
    {
        _time = time;
        _callers = new CallerErrors(time);
        SlowStart = new SlowStart(time);
        Drift = new DeploymentDrift(time, (condition, why) =>
        {
            if (condition is ConditionKind.Healthy)
            {
                SlowStart.Begin();
            }

            signals.ConditionChanged(deploymentId, condition, why);
        });
        _breaker = new ResiliencePipelineBuilder<Attempted> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempted>
            {
                Name = "deployment",
                // A trial that was cut short proves nothing: only an answer closes an open breaker.
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is { } attempted
                        ? attempted.CountsAgainst
                        : arguments.Outcome.Exception is not null && _state.CircuitState is CircuitState.HalfOpen),
                FailureRatio = 0.5,
                MinimumThroughput = 3,
                SamplingDuration = Breaks.Window,
                BreakDurationGenerator = static arguments => ValueTask.FromResult(Breaks.LengthOf(arguments.HalfOpenAttempts)),
                StateProvider = _state,
                ManualControl = _control,
                OnOpened = opened =>
                {
                    Volatile.Write(ref _openUntil, time.GetTimestamp() + (long)(opened.BreakDuration.TotalSeconds * time.TimestampFrequency));
                    SlowStart.Stop();
                    signals.BreakerChanged("deployment", deploymentId, "open");
                    return ValueTask.CompletedTask;
                },
                OnHalfOpened = _ =>
                {
                    signals.BreakerChanged("deployment", deploymentId, "half-open");
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    Interlocked.Increment(ref _closings);
                    SlowStart.Begin();
                    signals.BreakerChanged("deployment", deploymentId, "closed");
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>True while attempts would be refused: open and not yet time for a trial, or a trial is under way.</summary>
    public bool IsOpen => _state.CircuitState switch
    {
        CircuitState.Closed => false,
        CircuitState.Open => _time.GetTimestamp() < Volatile.Read(ref _openUntil),
        _ => true,
    };

    public string State => _state.CircuitState switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half-open",
        _ => "open",
    };

    public SlowStart SlowStart { get; }

    public CredentialCheck Credential { get; } = new();

    /// <summary>Silent degradation.</summary>
    public DeploymentDrift Drift { get; }

    /// <summary>Timestamp of the last outage signal; 0 when there was none.</summary>
    public long LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>How long until a trial; zero when one may be made.</summary>
    public TimeSpan UntilTrial =>
        _state.CircuitState is CircuitState.Open && Volatile.Read(ref _openUntil) - _time.GetTimestamp() is var left and > 0
            ? TimeSpan.FromSeconds((double)left / _time.TimestampFrequency)
            : TimeSpan.Zero;

    /// <summary>True while probes, and not callers' requests, show whether it has got better.</summary>
    public bool IsProbed => _time.GetTimestamp() < Volatile.Read(ref _probedUntil);

    /// <summary>Moving average of the time to the first byte of an answer, in milliseconds; 0 while nothing was measured.</summary>
    public double FirstByteMs => Volatile.Read(ref _firstByteMs);

    /// <summary>It has been probed, and will be again within this time.</summary>
    public void NoteProbe(TimeSpan next) => Volatile.Write(ref _probedUntil, _time.GetTimestamp() + (long)(next.TotalSeconds * _time.TimestampFrequency));

    /// <summary>Runs one attempt through the breaker.</summary>
    /// <param name="isLastResort">Nobody else can be asked: an open breaker lets one trial through every <see cref="Breaks.BetweenTrials"/>.</param>
    /// <returns>Null when the attempt was refused and nothing was sent.</returns>
    public async ValueTask<Attempted?> AttemptAsync(
        string caller, bool isLastResort, Func<CancellationToken, Task<ProviderReply>> send, CancellationToken cancellationToken)
    {
        if (!SlowStart.TryEnter(out var start))
        {
            return null;
        }

        try
        {
            return isLastResort && UntilTrial > TimeSpan.Zero
                ? await LastResortAsync(caller, send, cancellationToken)
                : await _breaker.ExecuteAsync(
                    static async (attempt, token) => await attempt.Health.SendAsync(attempt.Caller, attempt.Send, token),
                    (Health: this, Caller: caller, Send: send),
                    cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            return null;
        }
        finally
        {
            SlowStart.Leave(start);
        }
    }

    /// <summary>Tells the breaker of a failure that came to light after the attempt had been counted: a stream that broke.</summary>
    public ValueTask ReportAsync(string caller, ProviderFailure failure) => TellAsync(() => Judge(new ProviderReply.Failed(failure), caller));

    /// <summary>Another deployment answered what this one had called invalid.</summary>
    public async ValueTask OverruledAsync(string caller, ProviderFailure failure)
    {
        if (!_callers.Overruled(caller))
        {
            return;
        }

        Volatile.Write(ref _lastFailure, _time.GetTimestamp());
        await TellAsync(() => new Attempted(new ProviderReply.Failed(failure), CountsAgainst: true));
    }

    /// <summary>Counts an attempt that is over; it is judged in the state that the breaker has then.</summary>
    private async ValueTask TellAsync(Func<Attempted> judge)
    {
        try
        {
            _ = await _breaker.ExecuteAsync(static (judge, _) => ValueTask.FromResult(judge()), judge, CancellationToken.None);
        }
        catch (BrokenCircuitException)
        {
            // It is open already.
            return;
        }
    }

    /// <summary>A trial before its time. An answer closes the breaker; anything else leaves it as it is.</summary>
    private async ValueTask<Attempted?> LastResortAsync(string caller, Func<CancellationToken, Task<ProviderReply>> send, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _lastResort, 1) == 1)
        {
            return null;
        }

        try
        {
            if (_time.GetElapsedTime(LastFailure) < Breaks.BetweenTrials)
            {
                return null;
            }

            var attempted = await SendAsync(caller, send, cancellationToken);
            if (attempted.Reply is not ProviderReply.Failed)
            {
                // Not cancelled with the caller: the answer is there, and what it proves holds for everybody.
                await _control.CloseAsync(CancellationToken.None);
            }

            return attempted;
        }
        finally
        {
            Volatile.Write(ref _lastResort, 0);
        }
    }

    private async Task<Attempted> SendAsync(string caller, Func<CancellationToken, Task<ProviderReply>> send, CancellationToken cancellationToken)
    {
        var (started, closings) = (_time.GetTimestamp(), Volatile.Read(ref _closings));
        var reply = await send(cancellationToken);
        if (reply is ProviderReply.Failed failed)
        {
            // Sent before the outage that is over, and lost in it: that says nothing about now, and must not open the breaker again.
            var isOfThePast = closings != Volatile.Read(ref _closings) && _state.CircuitState is CircuitState.Closed;
            return isOfThePast && !OutageSignals.IsCallersFault(failed.Failure) ? new Attempted(failed, CountsAgainst: false) : Judge(failed, caller);
        }

        _callers.Answered(caller);
        Credential.Accepted();
        NoteFirstByte(_time.GetElapsedTime(started));
        return new Attempted(reply, CountsAgainst: false);
    }

    private Attempted Judge(ProviderReply.Failed failed, string caller)
    {
        var failure = failed.Failure;
        // On trial it is not believed when it blames the caller.
        var counts = OutageSignals.IsCallersFault(failure) ? _callers.RefusedAsInvalid(caller) || _state.CircuitState is CircuitState.HalfOpen
            : failure.Status == 429 ? _callers.RateLimited(caller)
            : OutageSignals.IsOutage(failure);
        if (counts)
        {
            Volatile.Write(ref _lastFailure, _time.GetTimestamp());
        }

        return new Attempted(failed, counts);
    }

    private void NoteFirstByte(TimeSpan elapsed)
    {
        // Two threads may overwrite one another's sample; an average can bear that.
        var before = Volatile.Read(ref _firstByteMs);
        var sample = elapsed.TotalMilliseconds;
        Volatile.Write(ref _firstByteMs, before == 0 ? sample : before + (NewestWeight * (sample - before)));
    }
}
