namespace PolicyRouter.Gateway.Resilience.Drifting;

/// <summary>
/// One concern of one deployment: what it is now (a fast average, two minutes), what is usual (a slow one, half an hour), and how bad the difference is.
/// Not thread-safe.
/// </summary>
internal sealed class ConcernAverages(Concern concern, TimeProvider time)
{
    /// <summary>The fast average says nothing bad of a deployment on fewer samples than this.</summary>
    public const double LeastVolume = 10;

    /// <summary>Once it is demoted it gets few requests, so it takes fewer to believe that it is worse still, or well again.</summary>
    public const double LeastVolumeOnceDemoted = 3;

    // Before so many samples nobody knows what is usual.
    private const double LeastUsualVolume = 20;

    // What looks half as bad as what demotes is not learned from: it may be the beginning of it.
    private const double Suspicious = 0.5;

    // A single bad answer is no tendency.
    private const double LeastBadSamples = 1.9;

    // What nobody has measured for minutes is no longer known.
    private const double Stale = 0.5;

    private static readonly TimeSpan Fast = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(30);
    // After so long what is bad is what is usual: somebody has to use it, and nothing stays frozen for ever.
    private static readonly TimeSpan LongestWithoutLearning = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan CallerWindow = TimeSpan.FromMinutes(10);

    private readonly ConcernLimits _limits = ConcernLimits.Of(concern);
    private readonly DecayingAverage _fast = new(time, Fast);
    private readonly DecayingAverage _slow = new(time, Slow);
    private readonly RecentCallers _badFor = new(time, CallerWindow);
    private double _mostUsual = ConcernLimits.Of(concern).Most;
    private long? _suspiciousSince;

    public string Word => _limits.Word;
    public bool IsTime => _limits.IsTime;
    public double? Now => _fast.Value;
    public double? Usual => _slow.Value;
    public double Volume => _fast.Volume;

    /// <summary>How many callers met it lately.</summary>
    public int BadFor => _badFor.Count;

    private bool IsUsualKnown => _slow.Volume >= LeastUsualVolume;

    /// <summary>What is taken for usual: before that is known, as much as may be.</summary>
    private double Basis => Math.Max(_limits.Least, Math.Min(IsUsualKnown ? _slow.Value!.Value : double.MaxValue, _mostUsual));

    /// <param name="sample">Milliseconds, or 1 for a bad answer and 0 for a good one.</param>
    /// <param name="caller">Whose request it was.</param>
    /// <param name="mostUsual">For times: the usual is taken for at most this.</param>
    public void Add(double sample, string caller, double? mostUsual = null)
    {
        _mostUsual = mostUsual is { } most ? Math.Max(most, _limits.Least) : _mostUsual;
        if (sample > (_limits.IsTime ? Basis * (1 + _limits.Demote) : 0))
        {
            _badFor.Note(caller);
        }

        _fast.Add(sample);
        _suspiciousSince = Severity(isTrial: false, isSuspected: false) is >= Suspicious ? _suspiciousSince ?? time.GetTimestamp() : null;
        if (!IsUsualKnown || _suspiciousSince is not { } since || time.GetElapsedTime(since) >= LongestWithoutLearning)
        {
            _slow.Add(sample);
        }
    }

    /// <summary>0 as usual, 1 where it demotes, 2 where it ejects; null when nothing was measured, or long ago.</summary>
    /// <param name="isTrial">So few samples are asked for that each of them counts.</param>
    /// <param name="isSuspected">It is demoted already: what chance could do is no excuse any more.</param>
    public double? Severity(bool isTrial, bool isSuspected)
    {
        if (_fast.Value is not { } now || (!isTrial && _fast.Volume < Stale) || Basis == double.MaxValue)
        {
            return null;
        }

        var excess = _limits.IsTime ? (now / Basis) - 1 : isTrial || isSuspected ? now - Basis : ShareAbove(now);
        return excess <= 0 ? 0
            : excess < _limits.Demote ? excess / _limits.Demote
            : 1 + ((excess - _limits.Demote) / (_limits.Eject - _limits.Demote));
    }

    /// <summary>How far a share is above the usual, and above what chance makes of the usual with so few samples (two standard errors).</summary>
    private double ShareAbove(double now) => now * _fast.Volume < LeastBadSamples ? 0 : now - Basis - (2 * Math.Sqrt(Basis * (1 - Basis) / _fast.Volume));

    /// <summary>Begins to measure anew; what is usual stays.</summary>
    public void Forget()
    {
        _fast.Clear();
        _badFor.Clear();
    }
}
