using System.Threading.RateLimiting;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Admission;

/// <summary>What one request holds while it is in flight, or why it did not come in.</summary>
internal sealed class AdmittedRequest(AdmissionMetrics metrics, CallerPriority priority) : IDisposable
{
    private readonly List<RateLimitLease> _leases = [];
    private bool _isIn;

    /// <summary>Null for a request that came in.</summary>
    public GatewayError? Error { get; private set; }

    /// <summary>Keeps a lease to the end; false when it was not granted.</summary>
    public bool Take(RateLimitLease lease)
    {
        _leases.Add(lease);
        return lease.IsAcquired;
    }

    /// <summary>It came in.</summary>
    public void Enter()
    {
        _isIn = true;
        metrics.Entered(priority, 1);
    }

    /// <summary>The gateway is full.</summary>
    public AdmittedRequest Shed(string reason, GatewayError error)
    {
        metrics.Shed(priority, reason);
        Error = error;
        return this;
    }

    /// <summary>The app's own limit is reached.</summary>
    public AdmittedRequest Limit(string kind, GatewayError error)
    {
        metrics.Limited(kind);
        Error = error;
        return this;
    }

    public void Dispose()
    {
        if (_isIn)
        {
            metrics.Entered(priority, -1);
        }

        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }
}
