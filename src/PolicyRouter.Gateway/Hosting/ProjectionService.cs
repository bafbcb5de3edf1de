using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Projecting;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>Keeps the projections of the log, or waits for the node that does, while this node runs.</summary>
internal sealed class ProjectionService(AuditSettings settings, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    private AuditProjections? _projections;

    public async Task StartAsync(CancellationToken cancellationToken) =>
        _projections = await AuditProjections.StartAsync(settings.ConnectionString ?? "", settings.Shard, time, loggers);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_projections is { } projections)
        {
            await projections.DisposeAsync();
        }
    }
}
