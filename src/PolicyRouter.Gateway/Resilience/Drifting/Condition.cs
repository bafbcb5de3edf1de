namespace PolicyRouter.Gateway.Resilience.Drifting;

/// <summary>How a deployment is, judged by its answers.</summary>
internal enum ConditionKind
{
    Healthy,

    /// <summary>Behind the healthy ones, but for a tenth of the requests, which show whether it gets better.</summary>
    Demoted,

    /// <summary>Last, for a time.</summary>
    Ejected,

    /// <summary>The time is over: a few good answers make it healthy, bad ones eject it again for longer.</summary>
    Probing,
}

/// <summary>
/// The hysteresis between them: it takes more to become healthy again than not to become worse, every state lasts a while, and nothing is decided on a few
/// samples. Knows severities and times, nothing of what is measured. Not thread-safe.
/// </summary>
internal sealed class Condition(TimeProvider time)
{
    /// <summary>Attempts that decide a trial.</summary>
    public const int Trials = 5;

    private const double Demotes = 1;
    private const double Ejects = 2;
    private const double Recovers = 0.6;
    private static readonly TimeSpan ShortestDemotion = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestDemotionWithoutNews = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstEjection = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestEjection = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(30);

    private long _since = time.GetTimestamp();
    private long _news = time.GetTimestamp();
    private int _ejections;
    private int _trials;

    public ConditionKind Kind { get; private set; }

    public TimeSpan Since => time.GetElapsedTime(_since);

    /// <summary>How long it stays ejected; meaningful while it is.</summary>
    public TimeSpan Ejection => TimeSpan.FromTicks(Math.Min(LongestEjection.Ticks, FirstEjection.Ticks << Math.Clamp(_ejections - 1, 0, 10)));

    /// <summary>What time alone changes. True when it changed something.</summary>
    public bool Tick() => Kind switch
    {
        ConditionKind.Ejected when Since >= Ejection => Become(ConditionKind.Probing),
        ConditionKind.Demoted when time.GetElapsedTime(_news) >= LongestDemotionWithoutNews => Become(ConditionKind.Probing),
        _ => false,
    };

    /// <summary>There is news, and this is what the averages say now. True when it changed something.</summary>
    /// <param name="certain">0 as usual, 1 demotes, 2 ejects: by what enough samples say.</param>
    /// <param name="any">The same, by whatever there is.</param>
    /// <param name="isEnoughToRecover">There are samples enough to say something good.</param>
    /// <param name="isAttempt">True once per attempt, false for what is learned of the same one later.</param>
    public bool Judge(double certain, double any, bool isEnoughToRecover, bool isAttempt)
    {
        if (isEnoughToRecover)
        {
            _news = time.GetTimestamp();
        }

        switch (Kind)
        {
            case ConditionKind.Healthy when certain >= Demotes:
                _ejections = Since >= Forgiven ? 0 : _ejections;
                return Become(ConditionKind.Demoted);
            case ConditionKind.Demoted when certain >= Ejects:
                _ejections++;
                return Become(ConditionKind.Ejected);
            case ConditionKind.Demoted when isEnoughToRecover && any < Recovers && Since >= ShortestDemotion:
                return Become(ConditionKind.Healthy);
            case ConditionKind.Probing:
                _trials += isAttempt ? 1 : 0;
                return _trials >= Trials && EndTrial(any);
            default:
                return false;
        }
    }

    private bool EndTrial(double severity)
    {
        if (severity < Demotes)
        {
            return Become(ConditionKind.Healthy);
        }

        _ejections++;
        return Become(ConditionKind.Ejected);
    }

    private bool Become(ConditionKind kind)
    {
        Kind = kind;
        _since = _news = time.GetTimestamp();
        _trials = 0;
        return true;
    }
}
