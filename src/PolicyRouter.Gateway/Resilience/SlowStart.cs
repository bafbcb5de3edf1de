namespace PolicyRouter.Gateway.Resilience;

/// <summary>
/// A target that has just come back gets its load back bit by bit: a share of the requests that grows from a tenth to all of them within a minute, and a bound
/// on attempts at once that doubles every five seconds, for the callers who have nowhere else to go. Thread-safe.
/// </summary>
internal sealed class SlowStart(TimeProvider time)
{
    public static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);

    private const double FirstShare = 0.1;
    private const int FirstAtOnce = 2;
    private static readonly TimeSpan Doubling = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _since;
    private int _atOnce;
    private int _starts;

    /// <summary>The part of the requests it gets in its regular place: 1 unless it is starting.</summary>
    public double Share => Elapsed is { } elapsed ? FirstShare + ((1 - FirstShare) * (elapsed / Duration)) : 1;

    private TimeSpan? Elapsed =>
        Volatile.Read(ref _since) is var since and not 0 && time.GetElapsedTime(since) is var elapsed && elapsed < Duration ? elapsed : null;

    private int MostAtOnce => Elapsed is { } elapsed ? FirstAtOnce << (int)(elapsed / Doubling) : int.MaxValue;

    /// <summary>It is back. What is still under way was sent before it failed, and is not part of its load any more.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _starts++;
            _atOnce = 0;
            Volatile.Write(ref _since, Math.Max(1, time.GetTimestamp()));
        }
    }

    /// <summary>It is down again; what comes after is another start.</summary>
    public void Stop() => Volatile.Write(ref _since, 0);

    /// <summary>False when there are as many attempts at once as it may have now. After true comes <see cref="Leave"/>.</summary>
    /// <param name="start">To be handed to <see cref="Leave"/>.</param>
    public bool TryEnter(out int start)
    {
        lock (_gate)
        {
            start = _starts;
            if (_atOnce >= MostAtOnce)
            {
                return false;
            }

            _atOnce++;
            return true;
        }
    }

    public void Leave(int start)
    {
        lock (_gate)
        {
            _atOnce -= start == _starts ? 1 : 0;
        }
    }
}
