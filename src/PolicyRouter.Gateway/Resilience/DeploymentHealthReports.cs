using PolicyRouter.Gateway.Control;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>What operators see of a deployment's health.</summary>
internal static class DeploymentHealthReports
{
    public static DeploymentHealthReport Of(HealthBoard board) => deploymentId =>
    {
        var health = board.Of(deploymentId);
        return new { breaker = health.State, firstByteMs = Math.Round(health.FirstByteMs, 1) };
    };
}
