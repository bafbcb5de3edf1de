using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Snapshots;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>Whether this node should get requests: a policy is in force, the log is writable, tokens can be checked, it is not draining.</summary>
internal sealed class Readiness(PolicySource policies, AuditConnection audit, IssuerKeys? issuer)
{
    private volatile bool _draining;
    private volatile bool _started;

    public bool IsStarted => _started;

    /// <summary>True while the load balancer takes this node out, and callers are asked to connect elsewhere.</summary>
    public bool IsDraining => _draining;

    public bool IsReady => _started && !_draining && policies.Active is not null && audit.IsWritable() && CanCheckTokens();

    public void Started() => _started = true;

    public void BeginDraining() => _draining = true;

    private bool CanCheckTokens()
    {
        if (issuer is not { AreKnown: false })
        {
            return true;
        }

        // A node that is not ready gets no request that would ask for them.
        _ = issuer.FetchOnceAsync();
        return false;
    }
}
