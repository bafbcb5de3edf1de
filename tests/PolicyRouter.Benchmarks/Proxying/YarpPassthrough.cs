using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>The yardstick: a reverse proxy that forwards and does nothing else.</summary>
internal static class YarpPassthrough
{
    public static async Task RunAsync(Uri listen, Uri upstream)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(listen.ToString());
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "provider", Match = new RouteMatch { Path = "{**everything}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "provider",
                    Destinations = new Dictionary<string, DestinationConfig> { ["provider"] = new() { Address = upstream.ToString() } },
                },
            ]);
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }
}
