using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Gateway.Snapshots;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>A whole gateway in this process: data plane, control plane, health.</summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Listeners _listeners;

    private GatewayHost(WebApplication app, Listeners listeners)
    {
        _app = app;
        _listeners = listeners;
    }

    /// <summary>Where the data plane listens, with real ports.</summary>
    public IReadOnlyList<Uri> DataPlaneUrls => _listeners.AddressesOf(Plane.Data);

    /// <summary>Where the control plane listens, with real ports.</summary>
    public IReadOnlyList<Uri> ControlPlaneUrls => _listeners.AddressesOf(Plane.Control);

    public IServiceProvider Services => _app.Services;

    /// <summary>
    /// Checks the settings, opens the log, loads the policy, listens. A policy folder that cannot be loaded does not stop the start:
    /// the host answers <c>policy_unavailable</c>, is not ready, and looks again.
    /// </summary>
    /// <exception cref="GatewayConfigurationException">The settings are invalid; nothing was started.</exception>
    /// <exception cref="PolicyRouter.Audit.Appending.AuditUnavailableException">The log could not be opened.</exception>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<GatewayHost> StartAsync(GatewayHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        Listeners listeners = new(options);
        var app = await GatewayBuilder.BuildAsync(options, listeners, cancellationToken);
        try
        {
            _ = app.Services.GetRequiredService<PolicyMetrics>();
            _ = app.Services.GetRequiredService<SecretMetrics>();
            _ = app.Services.GetRequiredService<NodeMetrics>();
            var policies = app.Services.GetRequiredService<PolicySource>();
            await policies.ReloadAsync(cancellationToken);
            if (app.Services.GetService<IssuerKeys>() is { } keys)
            {
                await keys.FetchOnceAsync().WaitAsync(cancellationToken);
            }

            await app.StartAsync(cancellationToken);
            app.Services.GetRequiredService<Readiness>().Started();
            GatewayHost host = new(app, listeners);
            app.Services.GetRequiredService<ILogger<GatewayHost>>().Listening(
                string.Join(' ', host.DataPlaneUrls), string.Join(' ', host.ControlPlaneUrls));
            return host;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the policy folder again now. True when what lies there is in force.</summary>
    public Task<bool> ReloadPoliciesAsync(CancellationToken cancellationToken) =>
        _app.Services.GetRequiredService<PolicySource>().ReloadAsync(cancellationToken);

    /// <summary>Fails readiness at once, closes the listeners after the pause.</summary>
    public Task DrainAsync() => _app.Services.GetRequiredService<DrainingLifetime>().DrainAsync();

    /// <summary>Returns when the host has stopped: a signal, or <see cref="DrainAsync"/>.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
