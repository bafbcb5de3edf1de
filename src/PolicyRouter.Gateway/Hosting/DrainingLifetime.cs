using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>
/// Stops in the order a load balancer needs: readiness goes red, a pause in which it takes us out, then the listeners close and running
/// streams end.
/// </summary>
internal sealed class DrainingLifetime(
    IHostApplicationLifetime application, Readiness readiness, TimeSpan drain, bool handleSignals, TimeProvider time, ILogger<DrainingLifetime> logger)
    : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private Task? _draining;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        if (handleSignals)
        {
            foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            {
                _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Fails readiness at once; stops the host after the pause.</summary>
    public Task DrainAsync() => _draining ??= DrainOnceAsync();

    private async Task DrainOnceAsync()
    {
        readiness.BeginDraining();
        logger.Draining(drain.TotalSeconds);
        await Task.Delay(drain, time);
        application.StopApplication();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        // Without this the runtime would end the process at once. A second signal does not wait.
        signal.Cancel = true;
        if (_draining is not null)
        {
            application.StopApplication();
            return;
        }

        _ = DrainAsync();
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
    }
}
