using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Resilience.Drifting;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Resilience.Probing;

/// <summary>
/// Probes deployments that nobody has asked anything for a while, or that are ejected: one after another, each at most once per round. Off unless
/// <c>Resilience:ProbeSeconds</c> says how long a round is.
/// </summary>
internal sealed class ProbeLoop(
    PolicySource policies, HealthBoard board, DeploymentProbe probe, HealthSignals signals, ResilienceSettings settings, Chance chance, TimeProvider time, ILogger<ProbeLoop> logger)
    : BackgroundService
{
    // Nodes that were started together must not probe together.
    private const double Jitter = 0.25;

    // A probe speaks for this many rounds; then callers' requests show how the deployment is.
    private const double RoundsAProbeSpeaksFor = 3;

    private TimeSpan Round => TimeSpan.FromSeconds(settings.ProbeSeconds);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(chance.Between(Round * (1 - Jitter), Round * (1 + Jitter)), time, stoppingToken);
            if (policies.Active is { } snapshot)
            {
                await ProbeAllAsync(snapshot, stoppingToken);
            }
        }
    }

    /// <summary>One round.</summary>
    internal async Task ProbeAllAsync(PolicySnapshot snapshot, CancellationToken stoppingToken)
    {
        foreach (var deployment in snapshot.Deployments)
        {
            var health = board.Of(deployment.Id);
            if (!snapshot.Endpoints.ContainsKey(deployment.Id) || health.IsOpen || !IsDue(health.Drift))
            {
                continue;
            }

            try
            {
                var outcome = await probe.RunAsync(snapshot, deployment.Id, stoppingToken);
                signals.Probed(deployment.Id, outcome);
                if (outcome is "answered" or "failed")
                {
                    health.NoteProbe(Round * RoundsAProbeSpeaksFor);
                }
            }
            catch (Exception error) when (error is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The edge of the background loop: a probe that could not be recorded or read was not sent, or is over.
                signals.Probed(deployment.Id, "error");
                logger.ProbingFailed(error.GetType().Name);
            }
        }
    }

    private bool IsDue(DeploymentDrift drift) =>
        drift.State.Kind is ConditionKind.Ejected or ConditionKind.Probing || drift.Idle is not { } idle || idle >= Round;
}
