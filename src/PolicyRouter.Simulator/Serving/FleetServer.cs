using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PolicyRouter.Simulator.Serving;

/// <summary>
/// Kestrel without a host: one listener per provider, no logging, no configuration, no signal handling, so that a fleet leaves no trace
/// in the process that starts it.
/// </summary>
internal sealed class FleetServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private const int LargestBody = 64 * 1_048_576;

    private readonly ConcurrentQueue<Exception> _unexpected = new();
    private readonly KestrelServer _server;

    private FleetServer(KestrelServer server) => _server = server;

    /// <summary>What went wrong in the simulator itself, or in a scripted answer.</summary>
    public IReadOnlyCollection<Exception> UnexpectedErrors => _unexpected;

    public static async Task<FleetServer> StartAsync(IReadOnlyList<SimulatedProvider> providers, CancellationToken cancellationToken)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = LargestBody;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;

        List<ListenOptions> listeners = [];
        foreach (var provider in providers)
        {
            options.Listen(System.Net.IPAddress.Loopback, provider.Profile.Port, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;

                // The listener decides who answers, not the host header: a wrong host must not reach another provider.
                listener.Use(next => connection =>
                {
                    connection.Features.Set(provider);
                    return next(connection);
                });
                listeners.Add(listener);
            });
        }

        SocketTransportFactory transport = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        KestrelServer server = new(Options.Create(options), transport, NullLoggerFactory.Instance);
        FleetServer fleet = new(server);
        try
        {
            await server.StartAsync(fleet, cancellationToken);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        for (var i = 0; i < providers.Count; i++)
        {
            providers[i].BaseUrl = new Uri($"http://{listeners[i].IPEndPoint}");
        }

        return fleet;
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) =>
        new Exchange(context, context.Features.GetRequiredFeature<SimulatedProvider>()).RunAsync();

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        if (exception is not null)
        {
            _unexpected.Enqueue(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Cancelled from the start: hanging and stalled answers must not hold up a test.
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
    }
}
