using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace PolicyRouter.Gateway.Admission;

/// <summary>
/// So many permits a minute, refilled evenly, at most a minute's worth saved up. .NET's own limiters take their time from the system, and cannot be told afterwards what was
/// really used; this one asks the clock of the host and its leases can be settled. Nobody waits: an ask is granted or refused at once.
/// </summary>
internal sealed class MinuteLimiter(int perMinute, TimeProvider time) : RateLimiter
{
    // The balance is kept in parts of a permit, as many as a minute has ticks: then a tick refills a whole number of them, and every pause is exact.
    private static readonly Int128 Permit = TimeSpan.TicksPerMinute;

    private readonly Lock _lock = new();
    private Int128 _balance = perMinute * Permit;
    private long _refilled = time.GetTimestamp();
    private long _full = time.GetTimestamp();
    private long _granted;
    private long _refused;

    /// <summary>How long nothing was owed; null while something is. An idle limiter can be forgotten: a new one would be the same.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_lock)
            {
                Refill();
                return _balance == perMinute * Permit ? time.GetElapsedTime(_full) : null;
            }
        }
    }

    public override RateLimiterStatistics GetStatistics()
    {
        lock (_lock)
        {
            Refill();
            return new RateLimiterStatistics { CurrentAvailablePermits = (long)(_balance / Permit), TotalSuccessfulLeases = _granted, TotalFailedLeases = _refused };
        }
    }

    /// <remarks>More than a minute's worth is granted when a minute's worth is there, and owed afterwards: otherwise it never could be.</remarks>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (_lock)
        {
            Refill();
            var needed = Math.Clamp(permitCount, 1, perMinute) * Permit;
            if (_balance < needed)
            {
                _refused++;
                return new MinuteLease(null, permitCount, TimeSpan.FromTicks((long)((needed - _balance + perMinute - 1) / perMinute)));
            }

            _granted++;
            _balance -= permitCount * Permit;
            return new MinuteLease(this, permitCount, null);
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    internal void GiveBack(long permits)
    {
        lock (_lock)
        {
            Refill();
            _balance = Int128.Min(perMinute * Permit, _balance + (permits * Permit));
        }
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        var before = _balance;
        _balance = Int128.Min(perMinute * Permit, _balance + ((Int128)time.GetElapsedTime(_refilled, now).Ticks * perMinute));
        _refilled = now;
        if (before < perMinute * Permit)
        {
            _full = now;
        }
    }
}

/// <summary>What a <see cref="MinuteLimiter"/> granted, or when it may.</summary>
internal sealed class MinuteLease(MinuteLimiter? limiter, int permits, TimeSpan? retryAfter) : RateLimitLease
{
    private MinuteLimiter? _limiter = limiter;

    public override bool IsAcquired { get; } = limiter is not null;

    public override IEnumerable<string> MetadataNames => retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
        return metadata is not null;
    }

    /// <summary>What was really used: more is owed, less is given back. Counts once.</summary>
    public void Settle(long used) => Interlocked.Exchange(ref _limiter, null)?.GiveBack(permits - used);
}
