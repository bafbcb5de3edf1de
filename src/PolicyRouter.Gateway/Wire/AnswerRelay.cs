using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire;

/// <summary>Gives a provider's answer to the caller, with the caller's own values back in place of the placeholders.</summary>
internal static class AnswerRelay
{
    public static Task WriteAsync(
        HttpResponse response, CallerApi api, ProviderReply.Whole answer, PlaceholderTable placeholders, CancellationToken cancellationToken) =>
        WriteAsync(response, placeholders.Count == 0 ? answer.Body : api.Restore(answer.Body, placeholders), cancellationToken);

    /// <summary>Writes a whole answer as it is.</summary>
    public static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    /// <summary>Writes a stream that is known from its first chunk to its proper end.</summary>
    public static async Task WriteChunksAsync(HttpResponse response, CallerApi api, IEnumerable<ReadOnlyMemory<byte>> chunks, CancellationToken cancellationToken)
    {
        BeginStream(response);
        foreach (var chunk in chunks)
        {
            await WriteEventAsync(response.BodyWriter, api.EventName(chunk), chunk, cancellationToken);
        }

        if (api.End is { } last)
        {
            await WriteEventAsync(response.BodyWriter, null, last, cancellationToken);
        }
    }

    /// <summary>
    /// Writes each chunk as one event as soon as it is there, and the API's end only after a proper one. When the stream breaks,
    /// the last event is an error.
    /// </summary>
    /// <param name="includesUsage">False drops usage that nobody asked for.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public static async Task<RelayOutcome> StreamAsync(
        HttpResponse response, CallerApi api, ProviderStream stream, bool includesUsage, PlaceholderTable placeholders, CancellationToken cancellationToken)
    {
        BeginStream(response);
        var restorer = api.OpenRestorer(placeholders, includesUsage);
        var events = 0;
        ProviderFailure? failure = null;
        try
        {
            await foreach (var chunk in stream.ChunksAsync(cancellationToken))
            {
                foreach (var restored in restorer.Take(chunk))
                {
                    await WriteEventAsync(response.BodyWriter, api.EventName(restored), restored, cancellationToken);
                    events++;
                }
            }
        }
        catch (ProviderStreamException broken)
        {
            failure = broken.Failure;
        }

        foreach (var rest in restorer.Finish())
        {
            await WriteEventAsync(response.BodyWriter, api.EventName(rest), rest, cancellationToken);
            events++;
        }

        if ((failure is null ? api.End : api.BrokenStream(failure, events)) is { } last)
        {
            await WriteEventAsync(response.BodyWriter, failure is null ? null : api.EventName(last), last, cancellationToken);
        }

        return new RelayOutcome(failure, events);
    }

    private static void BeginStream(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["x-accel-buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private static async ValueTask WriteEventAsync(PipeWriter writer, string? name, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            Encoding.UTF8.GetBytes($"event: {name}\n", writer);
        }

        var length = json.Length + 8;
        var memory = writer.GetMemory(length);
        "data: "u8.CopyTo(memory.Span);
        json.CopyTo(memory[6..]);
        "\n\n"u8.CopyTo(memory.Span[(length - 2)..]);
        writer.Advance(length);
        var flushed = await writer.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
