using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers;

/// <summary>
/// The one maker of connections to providers, and to the webhooks of routes. The defaults of .NET's clients would follow redirects with the prompt and the key,
/// keep cookies across tenants, and send baggage along; none of that happens here. One pool per deployment.
/// </summary>
/// <param name="allowLoopback">Development only: lets endpoints be on this machine, and there also without TLS.</param>
internal sealed class ProviderConnections(TimeProvider time, bool allowLoopback, AddressLookup? lookup = null) : IDisposable
{
    private readonly AddressBook _addresses = new(lookup ?? Dns.GetHostAddressesAsync, time);
    private readonly ConcurrentDictionary<(string Id, Uri Url, bool AllowPrivate, TimeSpan Connect), Lazy<HttpMessageInvoker>> _pools = new();

    /// <summary>The connections to one deployment. Private addresses are for deployments on our own premises only.</summary>
    public HttpMessageInvoker For(Endpoint endpoint, Deployment deployment)
    {
        var key = (deployment.Id, endpoint.Url, deployment.Hosting == "own-premises", endpoint.Timeouts.Connect);
        return _pools.GetOrAdd(key, at => new Lazy<HttpMessageInvoker>(() => Open(at.AllowPrivate, at.Connect))).Value;
    }

    /// <summary>
    /// The connections to the webhook of a route. It may have a private address, as desks of one's own house have; it may not be this machine but in development, and never the
    /// cloud's metadata service.
    /// </summary>
    public HttpMessageInvoker For(Uri webhook, TimeSpan connectTimeout)
    {
        // No deployment has a name with a space.
        var key = ("hand off", new Uri(webhook.GetLeftPart(UriPartial.Authority)), true, connectTimeout);
        return _pools.GetOrAdd(key, at => new Lazy<HttpMessageInvoker>(() => Open(at.AllowPrivate, at.Connect))).Value;
    }

    public void Dispose()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Value.Dispose();
        }
    }

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one maker of connections to providers.")]
    private HttpMessageInvoker Open(bool allowPrivate, TimeSpan connectTimeout) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        Credentials = null,
        PreAuthenticate = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = false,
        // Covers the TLS handshake; the callback below has its own, on the clock of the attempt.
        ConnectTimeout = connectTimeout + TimeSpan.FromSeconds(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        // A cancelled answer reaches the provider as a closed connection at once, instead of after two seconds of reading on.
        ResponseDrainTimeout = TimeSpan.Zero,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = 32,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context, allowPrivate, connectTimeout, cancellationToken),
    });

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, bool allowPrivate, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(connectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var host = context.DnsEndPoint.Host;
            var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _addresses.LookUpAsync(host, either.Token);
            Check(addresses, context.InitialRequestMessage.RequestUri!, allowPrivate);
            return await ConnectAsync(addresses, context.DnsEndPoint.Port, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConnectTimeoutException();
        }
    }

    /// <summary>One forbidden address among several is reason enough: honest names do not resolve to both kinds.</summary>
    private void Check(IPAddress[] addresses, Uri url, bool allowPrivate)
    {
        if (!Array.TrueForAll(addresses, address => AddressGuard.Allows(address, allowPrivate, allowLoopback))
            || (url.Scheme != Uri.UriSchemeHttps && !(allowLoopback && Array.TrueForAll(addresses, IPAddress.IsLoopback))))
        {
            throw new DestinationBlockedException();
        }
    }

    private static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                last = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }
}
