using System.Threading.RateLimiting;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Admission;

/// <summary>
/// Whether a request comes in: places in flight, for all and for its app; memory for its body; requests a minute. Everything is granted or refused at once, before the body is read:
/// nobody queues, so that what the gateway holds is bounded whatever is offered (<c>docs/decisions/0014-admission.md</c>).
/// </summary>
internal sealed class AdmissionDesk : IDisposable
{
    private readonly AdmissionLimits _limits;
    private readonly AdmissionMetrics _metrics;
    private readonly ConcurrencyLimiter[] _shares;
    private readonly ConcurrencyLimiter _bodies;
    private readonly PartitionedRateLimiter<Caller> _byApp;
    private readonly PartitionedRateLimiter<Caller> _requests;
    private readonly PartitionedRateLimiter<Caller> _tokens;

    public AdmissionDesk(AdmissionLimits limits, AdmissionMetrics metrics, TimeProvider time)
    {
        _limits = limits;
        _metrics = metrics;

        // A share holds those below it, too: what low priorities leave free is kept for the higher ones.
        _shares = [.. Enum.GetValues<CallerPriority>().Select(priority => AtOnce(limits.ShareOf(priority)))];
        _bodies = AtOnce(limits.BodyKilobytes);
        _byApp = ByApp(static app => app.InFlight, static limit => AtOnce(limit));
        _requests = ByApp(static app => app.RequestsPerMinute, limit => new MinuteLimiter(limit, time));
        _tokens = ByApp(static app => app.TokensPerMinute, limit => new MinuteLimiter(limit, time));
    }

    /// <summary>Lets a request in, or says why not. Dispose what it returns when the request has ended.</summary>
    public AdmittedRequest Admit(Caller caller, long? contentLength)
    {
        AdmittedRequest admitted = new(_metrics, caller.Priority);
        for (var share = (int)caller.Priority; share < _shares.Length; share++)
        {
            if (!admitted.Take(_shares[share].AttemptAcquire()))
            {
                return admitted.Shed("in_flight", GatewayError.Overloaded(Jittered(seconds: 1)));
            }
        }

        if (!admitted.Take(_bodies.AttemptAcquire(_limits.KilobytesOf(contentLength))))
        {
            return admitted.Shed("bodies", GatewayError.Overloaded(Jittered(seconds: 1)));
        }

        if (!admitted.Take(_byApp.AttemptAcquire(caller)))
        {
            return admitted.Limit("in_flight", GatewayError.RateLimited(Jittered(seconds: 1)));
        }

        // Last, because it cannot be given back: a request that is shed does not count.
        var rate = _requests.AttemptAcquire(caller);
        if (!admitted.Take(rate))
        {
            return admitted.Limit("requests", GatewayError.RateLimited(PauseOf(rate)));
        }

        admitted.Enter();
        return admitted;
    }

    /// <summary>Takes an estimate of a request's tokens from its app's minute.</summary>
    /// <param name="estimate">Asked for only if the app has a limit: counting takes time.</param>
    public TokenAllowance TakeTokens(Caller caller, Func<int> estimate)
    {
        if (_limits.Of(caller.App).TokensPerMinute == 0)
        {
            return TokenAllowance.Unlimited;
        }

        var lease = _tokens.AttemptAcquire(caller, Math.Max(1, estimate()));
        if (!lease.IsAcquired)
        {
            _metrics.Limited("tokens");
            return new TokenAllowance(null, GatewayError.RateLimited(PauseOf(lease)));
        }

        return new TokenAllowance((MinuteLease)lease, null);
    }

    public void Dispose()
    {
        foreach (var share in _shares)
        {
            share.Dispose();
        }

        _bodies.Dispose();
        _byApp.Dispose();
        _requests.Dispose();
        _tokens.Dispose();
    }

    private static ConcurrencyLimiter AtOnce(int limit) => new(new ConcurrencyLimiterOptions { PermitLimit = limit, QueueLimit = 0 });

    /// <summary>One limiter per app of a tenant; forgotten when it has been idle for a while.</summary>
    private PartitionedRateLimiter<Caller> ByApp(Func<AppLimits, int> limitOf, Func<int, RateLimiter> make) => PartitionedRateLimiter.Create<Caller, (string Tenant, string App)>(caller =>
        limitOf(_limits.Of(caller.App)) is > 0 and var limit
            ? RateLimitPartition.Get((caller.Tenant, caller.App), _ => make(limit))
            : RateLimitPartition.GetNoLimiter((caller.Tenant, caller.App)));

    private static TimeSpan PauseOf(RateLimitLease refused) => refused.TryGetMetadata(MetadataName.RetryAfter, out var pause) ? pause : Jittered(seconds: 1);

    // Those who are refused together should not come back together.
    private static TimeSpan Jittered(int seconds) => TimeSpan.FromSeconds(seconds * (1 + (3 * Random.Shared.NextDouble())));
}
