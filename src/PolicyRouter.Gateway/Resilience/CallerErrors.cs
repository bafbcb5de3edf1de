namespace PolicyRouter.Gateway.Resilience;

/// <summary>
/// Tells a deployment that refuses everybody from a caller whose requests are refused. On 9 March 2026 one model of one cloud answered valid requests
/// with 400 and 429 for twenty hours; and any day one app may send nothing but invalid requests. Thread-safe.
/// </summary>
internal sealed class CallerErrors(TimeProvider time)
{
    /// <summary>So many callers must have been refused before it can be the deployment's fault.</summary>
    public const int DistinctCallers = 3;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly RecentCallers _invalid = new(time, Window);
    private readonly RecentCallers _limited = new(time, Window);
    private readonly RecentCallers _answered = new(time, Window);
    private readonly RecentCallers _overruled = new(time, Window);

    public void Answered(string caller)
    {
        lock (_gate)
        {
            _answered.Note(caller);

            // Who gets answers can tell valid requests from invalid ones: what it refused was at fault.
            _invalid.Clear();
        }
    }

    /// <summary>Another deployment answered what this one had called invalid. True when that happened to several callers: this one is to blame.</summary>
    public bool Overruled(string caller)
    {
        lock (_gate)
        {
            _overruled.Note(caller);
            return _overruled.Count >= DistinctCallers;
        }
    }

    /// <summary>
    /// A request was called invalid. True when the deployment is to blame: it has refused several callers and answered nobody, or others have answered what it
    /// refused to several.
    /// </summary>
    public bool RefusedAsInvalid(string caller)
    {
        lock (_gate)
        {
            _invalid.Note(caller);
            return (_invalid.Count >= DistinctCallers && _answered.Count == 0) || _overruled.Count >= DistinctCallers;
        }
    }

    /// <summary>A request met 429. True when it is not this caller's doing: several callers meet it, or nobody else gets an answer.</summary>
    public bool RateLimited(string caller)
    {
        lock (_gate)
        {
            _limited.Note(caller);
            return _limited.Count >= DistinctCallers || !_answered.AnyBut(caller);
        }
    }
}
