using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Providers.Adapters;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;
using Endpoint = PolicyRouter.Policies.Facts.Endpoint;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>A provider on a loopback socket that answers as one test tells it to.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedProvider(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<ScriptedProvider> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new ScriptedProvider(app);
    }

    /// <summary>Answers every request with this event stream.</summary>
    public static Task<ScriptedProvider> StreamingAsync(string events) => StartAsync(http =>
    {
        http.Response.ContentType = "text/event-stream";
        return http.Response.WriteAsync(events);
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

internal static class Endpoints
{
    /// <summary>Sends a body to the endpoint, once.</summary>
    /// <param name="body">In the form of the caller's API; translated if the endpoint speaks another.</param>
    public static async Task<ProviderReply> SendAsync(
        Endpoint endpoint, ReadOnlyMemory<byte> body, bool isStreaming, ProviderConnections? connections = null, TimeProvider? time = null, string? secret = null,
        CallerApi? api = null, CancellationToken cancellationToken = default)
    {
        time ??= TimeProvider.System;

        // The pool lives as long as the process: its streams outlive this method.
        connections ??= new ProviderConnections(time, allowLoopback: true);
        var route = WireCompatibility.RouteOf(api ?? CallerApi.ChatCompletions, endpoint, out var carrier)!;
        body = route.Translate is { } translate ? translate(body, out var missing) ?? throw new InvalidOperationException(missing) : body;
        using var request = ProviderRequests.Build(endpoint, carrier, new ProviderCredential(isAvailable: true, secret), body, [], isStreaming);
        ExpectedAnswer expected = new(ProviderAdapter.For(endpoint.Wire), carrier, route.Format(time), isStreaming);
        return await new ProviderCall(time).RunAsync(connections.For(endpoint, Deployment()), request, expected, endpoint.Timeouts, cancellationToken);
    }

    public static Endpoint At(Uri url, WireFormat wire = WireFormat.OpenAi, EndpointTimeouts? timeouts = null) => new()
    {
        DeploymentId = "d",
        Url = url,
        Wire = wire,
        UpstreamModel = "m",
        Credential = null,
        FailsWith = [],
        Price = null,
        ContextWindow = null,
        Timeouts = timeouts ?? EndpointTimeouts.Default,
    };

    public static Deployment Deployment(string? hosting = "vendor") => new()
    {
        Id = "d",
        Provider = "p",
        Service = "s",
        Model = "m",
        Hosting = hosting,
        Features = ["chat"],
        ProcessingRegions = [],
        StorageRegions = [],
        RetentionDays = null,
        TrainingOnOurData = null,
        Status = "approved",
    };
}
