using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>A control plane that notes the reads it is told of, and answers what the test says.</summary>
internal sealed class ControlPlaneDouble : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ControlPlaneDouble(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Who read what, in the order in which it was told.</summary>
    public ConcurrentQueue<(string Token, string Query, int Rows)> Reads { get; } = new();

    /// <summary>The status of the next answers.</summary>
    public int Status { get; set; } = StatusCodes.Status204NoContent;

    /// <summary>What <c>GET /api/deployments</c> answers.</summary>
    public string Deployments { get; set; } = "[]";

    public static async Task<ControlPlaneDouble> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        ControlPlaneDouble plane = new(app);
        app.MapPost("/api/reads", async (HttpContext http) =>
        {
            var read = (await JsonNode.ParseAsync(http.Request.Body))!;
            if (plane.Status == StatusCodes.Status204NoContent)
            {
                plane.Reads.Enqueue((http.Request.Headers.Authorization.ToString()["Bearer ".Length..], (string)read["query"]!, (int)read["rows"]!));
            }

            return Results.StatusCode(plane.Status);
        });
        app.MapGet("/api/deployments", () => Results.Text(plane.Deployments, "application/json"));
        await app.StartAsync();
        return plane;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
