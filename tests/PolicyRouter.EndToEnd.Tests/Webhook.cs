using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>The desk that requests are handed off to: keeps what it is sent and answers as one test tells it to.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Post> _posts = Channel.CreateUnbounded<Post>();
    private readonly ConcurrentQueue<Post> _all = new();

    private Webhook(WebApplication app) => _app = app;

    public Uri Url => new(new Uri(_app.Urls.Single()), "/desk");
    public IReadOnlyCollection<Post> Received => _all;

    public static async Task<Webhook> StartAsync(RequestDelegate? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        Webhook webhook = new(app);
        app.Run(async http =>
        {
            using StreamReader reader = new(http.Request.Body, Encoding.UTF8);
            Post post = new(
                http.Request.Path, await reader.ReadToEndAsync(),
                http.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            webhook._all.Enqueue(post);
            await webhook._posts.Writer.WriteAsync(post);
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            await (answer?.Invoke(http) ?? Task.CompletedTask);
        });
        await app.StartAsync();
        return webhook;
    }

    /// <summary>The next post, waited for.</summary>
    public async Task<Post> NextAsync() => await _posts.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    internal sealed record Post(string Path, string Body, IReadOnlyDictionary<string, string> Headers)
    {
        public JsonElement Data => JsonDocument.Parse(Body).RootElement.GetProperty("data");
    }
}
