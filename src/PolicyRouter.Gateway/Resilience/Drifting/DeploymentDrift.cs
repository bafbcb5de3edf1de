using PolicyRouter.Gateway.Callers;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Resilience.Drifting;

/// <summary>One concern as operators see it.</summary>
/// <param name="Now">The fast average; null before the first sample.</param>
/// <param name="Usual">The slow average.</param>
internal sealed record ConcernReport(Concern Concern, double? Now, double? Usual, double Volume);

/// <summary>A condition with the concerns that brought it about, in fixed words.</summary>
internal readonly record struct DriftState(ConditionKind Kind, string Why);

/// <summary>
/// Silent degradation of one deployment: answers come, and are slow, short, empty, refusals, or another model's. Thread-safe.
/// </summary>
/// <param name="changed">Told of every new condition, with its reason.</param>
internal sealed class DeploymentDrift(TimeProvider time, Action<ConditionKind, string> changed)
{
    // Who asks when we ask ourselves: no token carries this name.
    private static readonly string ProbeCaller = HealthBoard.CallerKey(new PolicyRequest { Day = default, Caller = Caller.ProbeApp });

    private static readonly TimeSpan CallerWindow = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly ConcernAverages[] _concerns = [.. Enum.GetValues<Concern>().Select(concern => new ConcernAverages(concern, time))];
    private readonly RecentCallers _callers = new(time, CallerWindow);
    private readonly Condition _condition = new(time);
    private string _why = "";
    private long _lastSample;
    private bool _hasSamples;

    public DriftState State
    {
        get
        {
            lock (_gate)
            {
                Tick();
                return new DriftState(_condition.Kind, _why);
            }
        }
    }

    /// <summary>How long ago there was a sample; null when there never was one.</summary>
    public TimeSpan? Idle
    {
        get
        {
            lock (_gate)
            {
                return _hasSamples ? time.GetElapsedTime(_lastSample) : null;
            }
        }
    }

    public IReadOnlyList<ConcernReport> Report()
    {
        lock (_gate)
        {
            return [.. _concerns.Select(static (averages, at) => new ConcernReport((Concern)at, averages.Now, averages.Usual, averages.Volume))];
        }
    }

    /// <summary>Takes one sample per concern that an attempt, or its answer, says something about.</summary>
    /// <param name="isAttempt">True when the attempt has just been made, false for what is learned of it later.</param>
    public void Note(string caller, bool isAttempt, params ReadOnlySpan<DriftSample> samples)
    {
        lock (_gate)
        {
            Tick();
            _hasSamples = true;
            _lastSample = time.GetTimestamp();
            if (caller != ProbeCaller)
            {
                _callers.Note(caller);
            }

            var isTrial = _condition.Kind is ConditionKind.Probing;
            foreach (var sample in samples)
            {
                // A probe is so small that it is always fast: its times must not become what is usual.
                var concern = _concerns[(int)sample.Concern];
                if (caller != ProbeCaller || !concern.IsTime || isTrial)
                {
                    concern.Add(sample.Value, caller, sample.MostUsual);
                }
            }

            Judge(isAttempt);
        }
    }

    private void Judge(bool isAttempt)
    {
        var isTrial = _condition.Kind is ConditionKind.Probing;
        var isDemoted = _condition.Kind is ConditionKind.Demoted;
        var least = isDemoted ? ConcernAverages.LeastVolumeOnceDemoted : ConcernAverages.LeastVolume;
        var (certain, any) = (0.0, 0.0);
        var words = "";
        foreach (var concern in _concerns)
        {
            if (concern.Severity(isTrial, isDemoted) is not { } severity || severity == 0 || (!isTrial && !IsNotOneCallersDoing(concern)))
            {
                continue;
            }

            any = Math.Max(any, severity);
            if (concern.Volume >= least || isTrial)
            {
                certain = Math.Max(certain, severity);
                words = severity < 1 || words.Contains(concern.Word, StringComparison.Ordinal) ? words : words.Length == 0 ? concern.Word : $"{words}, {concern.Word}";
            }
        }

        if (_condition.Judge(certain, any, _concerns[(int)Concern.Errors].Volume >= ConcernAverages.LeastVolumeOnceDemoted, isAttempt))
        {
            Changed(words);
        }
    }

    /// <summary>Several callers meet it, or everybody who asks.</summary>
    private bool IsNotOneCallersDoing(ConcernAverages concern) => concern.BadFor >= Math.Min(CallerErrors.DistinctCallers, Math.Max(1, _callers.Count));

    private void Tick()
    {
        if (_condition.Tick())
        {
            Changed("");
        }
    }

    private void Changed(string why)
    {
        switch (_condition.Kind)
        {
            case ConditionKind.Healthy:
                _why = "";
                break;
            case ConditionKind.Demoted:
                _why = why;
                break;
            case ConditionKind.Ejected:
                _why = why.Length > 0 ? why : _why;
                break;
            case ConditionKind.Probing:
                foreach (var concern in _concerns)
                {
                    concern.Forget();
                }

                break;
        }

        changed(_condition.Kind, _why);
    }
}

/// <param name="Value">Milliseconds, or 1 for bad and 0 for good.</param>
/// <param name="MostUsual">For times: the usual is taken for at most this; null for no bound.</param>
internal readonly record struct DriftSample(Concern Concern, double Value, double? MostUsual = null);
