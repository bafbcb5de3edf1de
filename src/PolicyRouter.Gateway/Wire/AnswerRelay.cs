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
    // More than that is sent on while there still is more, so that a provider that never pauses does not fill our memory.
    private const int MostUnsent = 16_384;

    private static ReadOnlySpan<byte> EventField => "event: "u8;
    private static ReadOnlySpan<byte> DataField => "data: "u8;
    private static ReadOnlySpan<byte> End => "\n\n"u8;

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
    public static async Task WriteChunksAsync(HttpResponse response, CallerApi api, IEnumerable<StreamChunk> chunks, CancellationToken cancellationToken)
    {
        BeginStream(response);
        var writer = response.BodyWriter;
        foreach (var chunk in chunks)
        {
            Write(writer, new RelayedEvent(api.EventName(chunk), chunk.Bytes));
            await FlushAsync(writer, cancellationToken);
        }

        if (api.End is { } last)
        {
            Write(writer, new RelayedEvent(null, last));
            await FlushAsync(writer, cancellationToken);
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
        var writer = response.BodyWriter;
        var restorer = api.OpenRestorer(placeholders, includesUsage);
        List<RelayedEvent> events = [];
        var count = 0;
        ProviderFailure? failure = null;
        try
        {
            while (await stream.WaitAsync(cancellationToken))
            {
                // What arrived together leaves together: nothing waits for anything that is not there yet.
                var unsent = 0;
                while (unsent < MostUnsent && stream.TryTake(out var chunk))
                {
                    restorer.Take(chunk, events);
                    count += events.Count;
                    unsent += Write(writer, events);
                }

                if (unsent > 0 && !stream.HasEnded)
                {
                    await FlushAsync(writer, cancellationToken);
                }
            }
        }
        catch (ProviderStreamException broken)
        {
            failure = broken.Failure;
        }

        restorer.Finish(events);
        count += events.Count;
        Write(writer, events);
        if ((failure is null ? api.End : api.BrokenStream(failure, count)) is { } last)
        {
            using var end = StreamChunk.Of(last);
            Write(writer, new RelayedEvent(failure is null ? null : api.EventName(end), last));
        }

        await FlushAsync(writer, cancellationToken);
        return new RelayOutcome(failure, count);
    }

    private static void BeginStream(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["x-accel-buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Writes events and forgets them.</summary>
    /// <returns>How many bytes.</returns>
    private static int Write(PipeWriter writer, List<RelayedEvent> events)
    {
        var written = 0;
        foreach (var one in events)
        {
            written += Write(writer, one);
        }

        events.Clear();
        return written;
    }

    private static int Write(PipeWriter writer, RelayedEvent one)
    {
        var name = one.Name is null ? 0 : EventField.Length + Encoding.UTF8.GetByteCount(one.Name) + 1;
        var length = name + DataField.Length + one.Data.Length + End.Length;
        var room = writer.GetSpan(length);
        if (one.Name is not null)
        {
            EventField.CopyTo(room);
            Encoding.UTF8.GetBytes(one.Name, room[EventField.Length..]);
            room[name - 1] = (byte)'\n';
        }

        DataField.CopyTo(room[name..]);
        one.Data.Span.CopyTo(room[(name + DataField.Length)..]);
        End.CopyTo(room[(length - End.Length)..]);
        writer.Advance(length);
        return length;
    }

    private static async ValueTask FlushAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        var flushed = await writer.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
