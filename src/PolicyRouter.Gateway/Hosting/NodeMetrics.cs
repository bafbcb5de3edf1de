using System.Diagnostics.Metrics;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>What this node is and whether it is ready: which policy it runs, above all, so that a node that has fallen behind is seen.</summary>
internal sealed class NodeMetrics : IDisposable
{
    public const string MeterName = "PolicyRouter.Node";

    private readonly Meter _meter;

    public NodeMetrics(IMeterFactory meters, PolicySource policies, AuditConnection audit, Readiness readiness, NodeName node)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge(
            "policyrouter.policy.info",
            () => policies.Active is { } active
                ? [new Measurement<int>(1, new("version", active.Version), new("node", node.Value))]
                : Array.Empty<Measurement<int>>(),
            description: "1 for the policy version that this node decides by.");
        _meter.CreateObservableGauge("policyrouter.ready", () => readiness.IsReady ? 1 : 0, description: "1 while the node is ready.");
        _meter.CreateObservableGauge("policyrouter.audit.writable", () => audit.IsWritable() ? 1 : 0, description: "1 while the audit log takes writes.");
    }

    public void Dispose() => _meter.Dispose();
}
