using System.Collections.Concurrent;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>The health of every deployment this node has tried. State of the node, not of a snapshot: it outlives reloads.</summary>
internal sealed class HealthBoard(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DeploymentHealth> _deployments = new(StringComparer.Ordinal);

    public DeploymentHealth Of(string deploymentId) => _deployments.GetOrAdd(deploymentId, static (_, clock) => new DeploymentHealth(clock), time);
}
