using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>The addresses of both planes. Every connection carries the plane of the listener it came in by.</summary>
internal sealed class Listeners
{
    private readonly List<(Plane Plane, Uri Address, ListenOptions? Open)> _all = [];

    /// <exception cref="GatewayConfigurationException">An address is not a URL with a port, or not http/https.</exception>
    public Listeners(GatewayHostOptions options)
    {
        List<string> faults = [];
        Add(Plane.Data, options.Urls, faults);
        Add(Plane.Control, options.ControlUrls, faults);
        if (faults.Count > 0)
        {
            throw new GatewayConfigurationException(faults);
        }
    }

    public void Open(KestrelServerOptions kestrel)
    {
        for (var index = 0; index < _all.Count; index++)
        {
            var (plane, address, _) = _all[index];
            ListenerPlane tag = new(plane);
            ListenOptions? opened = null;
            kestrel.Listen(EndPointOf(address), listen =>
            {
                opened = listen;
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(next => connection =>
                {
                    connection.Features.Set(tag);
                    return next(connection);
                });
                if (address.Scheme == Uri.UriSchemeHttps)
                {
                    listen.UseHttps();
                }
            });
            _all[index] = (plane, address, opened);
        }
    }

    /// <summary>With the ports really taken, once the host has started.</summary>
    public IReadOnlyList<Uri> AddressesOf(Plane plane) =>
    [
        .. _all.Where(listener => listener.Plane == plane)
            .Select(static listener => new UriBuilder(listener.Address) { Port = listener.Open?.IPEndPoint?.Port ?? listener.Address.Port }.Uri),
    ];

    private void Add(Plane plane, IReadOnlyList<string> addresses, List<string> faults)
    {
        foreach (var text in addresses)
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var address)
                && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
                && address.PathAndQuery == "/"
                && (IPAddress.TryParse(address.IdnHost, out _) || address.Host is "localhost"))
            {
                _all.Add((plane, address, null));
            }
            else
            {
                faults.Add($"{text} is not an address to listen on; write it like http://127.0.0.1:8080, with an IP address or localhost");
            }
        }

        if (addresses.Count == 0)
        {
            faults.Add($"the {(plane == Plane.Data ? "data" : "control")} plane has no address to listen on");
        }
    }

    private static IPEndPoint EndPointOf(Uri address) =>
        new(address.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(address.IdnHost), address.Port);
}
