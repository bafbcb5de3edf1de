using System.Threading.RateLimiting;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Admission;

/// <summary>
/// How many attempts a deployment may have at once: one that hangs cannot take every place of the gateway. An attempt that finds it full goes to the next permitted deployment.
/// </summary>
internal sealed class DeploymentPlaces : IDisposable
{
    private static readonly Attempted AtCapacity = new(new ProviderReply.Failed(new ProviderFailure(FailureKind.AtCapacity)), CountsAgainst: false);

    private readonly AdmissionMetrics _metrics;
    private readonly PartitionedRateLimiter<Endpoint> _places;

    public DeploymentPlaces(AdmissionLimits limits, AdmissionMetrics metrics)
    {
        _metrics = metrics;

        // Another limit in another policy is another partition; the old one empties with its requests.
        _places = PartitionedRateLimiter.Create<Endpoint, (string Id, int Limit)>(endpoint => RateLimitPartition.GetConcurrencyLimiter(
            (Id: endpoint.DeploymentId, Limit: endpoint.ConcurrentRequests ?? limits.PerDeployment),
            static key => new ConcurrencyLimiterOptions { PermitLimit = key.Limit, QueueLimit = 0 }));
    }

    /// <summary>Makes an attempt in a place of its deployment; a streamed answer keeps the place until it is closed.</summary>
    public async ValueTask<Attempted?> AttemptAsync(Endpoint endpoint, Func<ValueTask<Attempted?>> attempt)
    {
        var lease = _places.AttemptAcquire(endpoint);
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            _metrics.Full(endpoint.DeploymentId);
            return AtCapacity;
        }

        Place? place = new(lease, _metrics, endpoint.DeploymentId);
        try
        {
            var attempted = await attempt();
            if (attempted is { Reply: ProviderReply.Streaming { Stream: var stream } })
            {
                stream.Hold(place);
                place = null;
            }

            return attempted;
        }
        finally
        {
            place?.Dispose();
        }
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place : IDisposable
    {
        private readonly AdmissionMetrics _metrics;
        private readonly string _deployment;
        private RateLimitLease? _lease;

        public Place(RateLimitLease lease, AdmissionMetrics metrics, string deployment)
        {
            (_lease, _metrics, _deployment) = (lease, metrics, deployment);
            metrics.Attempting(deployment, 1);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lease, null) is { } lease)
            {
                _metrics.Attempting(_deployment, -1);
                lease.Dispose();
            }
        }
    }
}
