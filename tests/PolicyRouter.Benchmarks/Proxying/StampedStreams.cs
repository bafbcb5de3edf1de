using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>
/// A provider that streams chat completion chunks at a fixed pace, each with the time at which it left in its text, so that whoever reads it in the same process knows how
/// long it was under way.
/// </summary>
internal sealed class StampedStreams : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StampedStreams(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>What the next streams are like.</summary>
    public (int Chunks, TimeSpan Every) Pace { get; set; }

    /// <summary>Streams that have begun and not ended.</summary>
    public int Open => Volatile.Read(ref _open);

    private int _open;

    public static async Task<StampedStreams> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        StampedStreams streams = new(builder.Build());
        streams._app.MapPost("/{**path}", streams.AnswerAsync);
        await streams._app.StartAsync();
        return streams;
    }

    /// <summary>The time that a chunk's line of data carries; null for other lines.</summary>
    public static long? StampOf(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOf("\"content\":\"t"u8);
        return at >= 0 && long.TryParse(Encoding.ASCII.GetString(line.Slice(at + 12, 16)), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var stamp) ? stamp : null;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var (chunks, every) = Pace;
        await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        http.Response.ContentType = "text/event-stream";
        Interlocked.Increment(ref _open);
        try
        {
            using PeriodicTimer? pace = every > TimeSpan.Zero ? new(every) : null;
            for (var number = 0; number < chunks; number++)
            {
                await WriteAsync(http, string.Create(CultureInfo.InvariantCulture, $$"""{"role":"assistant","content":"t{{Stopwatch.GetTimestamp():X16}} "}"""), "null");
                if (pace is not null)
                {
                    await pace.WaitForNextTickAsync(http.RequestAborted);
                }
            }

            await WriteAsync(http, "{}", "\"stop\"");
            await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static Task WriteAsync(HttpContext http, string delta, string finish) => http.Response.WriteAsync(
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764115200,\"model\":\"gpt-4o-2024-11-20\",\"choices\":[{\"index\":0,\"delta\":" + delta
        + ",\"finish_reason\":" + finish + "}]}\n\n",
        http.RequestAborted);
}
