using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>Gives a provider's answer to the caller, with the caller's own values back in place of the placeholders.</summary>
internal static class AnswerRelay
{
    public static async Task WriteAsync(
        HttpResponse response, ProviderReply.Whole answer, PlaceholderTable placeholders, CancellationToken cancellationToken)
    {
        var body = placeholders.Count == 0 ? answer.Body : Restore(answer.Body, placeholders);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    /// <summary>
    /// Writes each chunk as one event as soon as it is there, and <c>[DONE]</c> only after a proper end. When the stream breaks,
    /// the last event is an error.
    /// </summary>
    /// <param name="includesUsage">False drops usage that nobody asked for.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public static async Task<RelayOutcome> StreamAsync(
        HttpResponse response, ProviderStream stream, bool includesUsage, PlaceholderTable placeholders, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["x-accel-buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        ChunkRestorer restorer = new(placeholders, includesUsage);
        var events = 0;
        ProviderFailure? failure = null;
        try
        {
            await foreach (var chunk in stream.ChunksAsync(cancellationToken))
            {
                foreach (var restored in restorer.Take(chunk))
                {
                    await WriteEventAsync(response.BodyWriter, restored, cancellationToken);
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
            await WriteEventAsync(response.BodyWriter, rest, cancellationToken);
            events++;
        }

        await WriteEventAsync(
            response.BodyWriter, failure is null ? "[DONE]"u8.ToArray() : OpenAiErrors.BrokenStream(failure), cancellationToken);
        return new RelayOutcome(failure, events);
    }

    /// <summary>A whole answer with the placeholders restored in every text below <c>choices</c>; all other bytes as they came.</summary>
    internal static ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders)
    {
        List<JsonEdit> edits = [];
        Utf8JsonReader reader = new(answer.Span);
        var isInChoices = false;
        var key = "";
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName)
            {
                key = reader.GetString()!;
                if (reader.CurrentDepth == 1)
                {
                    isInChoices = key == "choices";
                }
            }
            else if (reader.TokenType is JsonTokenType.String && isInChoices && !AnswerWords.IsNoText(key)
                && placeholders.Restore(reader.GetString(), AnswerWords.ContextOf(key)) is { } restored)
            {
                edits.Add(new JsonEdit(new ByteRange((int)reader.TokenStartIndex, (int)reader.BytesConsumed), restored));
            }
        }

        return edits.Count == 0 ? answer : JsonText.Splice(answer.Span, edits);
    }

    private static async ValueTask WriteEventAsync(PipeWriter writer, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
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
