using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Benchmarks.History;

/// <summary>Stands in for a gateway's control plane: says that every read is recorded, so that the figures are those of the console.</summary>
internal sealed class ReadRecorder : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ReadRecorder(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<ReadRecorder> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/api/reads", static () => Results.NoContent());
        await app.StartAsync();
        return new ReadRecorder(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
