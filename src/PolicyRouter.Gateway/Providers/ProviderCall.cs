using System.Buffers;
using System.Net;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Sse;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers;

/// <summary>
/// Sends one HTTP request once and reads its answer within the endpoint's deadlines. Never repeats it: a second send needs a
/// second record. Nothing of the provider's text gets into a failure.
/// </summary>
internal sealed class ProviderCall(TimeProvider time)
{
    /// <summary>Largest whole answer, in bytes.</summary>
    public const int MaxAnswerBytes = 8 * 1_048_576;

    /// <remarks>
    /// The first-token deadline covers a stream up to its first word. A whole answer has no first word: only the total applies
    /// until its headers are there, then also the one between tokens.
    /// </remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ProviderReply> RunAsync(
        HttpMessageInvoker connection,
        HttpRequestMessage request,
        IAnswerFormat format,
        bool isStreaming,
        EndpointTimeouts timeouts,
        CancellationToken cancellationToken)
    {
        AttemptClock? clock = new(timeouts, time);
        HttpResponseMessage? response = null;
        ProviderStream? stream = null;
        try
        {
            using var deadlines = clock.Link(cancellationToken);
            if (isStreaming)
            {
                clock.Start(FailureKind.FirstTokenTimeout);
            }

            try
            {
                response = await connection.SendAsync(request, deadlines.Token);
            }
            catch (Exception error) when (FailureOf.Sending(error, clock, cancellationToken) is { } failure)
            {
                return new ProviderReply.Failed(failure);
            }

            if (Refusal(response, isStreaming) is { } refusal)
            {
                return new ProviderReply.Failed(refusal);
            }

            AnswerFacts facts = new();
            try
            {
                var content = await response.Content.ReadAsStreamAsync(deadlines.Token);
                if (!isStreaming)
                {
                    var body = await ReadWholeAsync(content, clock, deadlines.Token);
                    return new ProviderReply.Whole(format.ReadWhole(body, facts), facts);
                }

                stream = new ProviderStream(response, new SseReader(content, SseLimits.Default), format.OpenStream(), clock, facts);
                response = null;
                clock = null;
                await stream.AwaitContentAsync(deadlines.Token, cancellationToken);
                ProviderReply.Streaming reply = new(stream);
                stream = null;
                return reply;
            }
            catch (ProviderStreamException broken)
            {
                return new ProviderReply.Failed(broken.Failure);
            }
            catch (Exception error) when (clock is not null && FailureOf.Reading(error, clock, cancellationToken) is { } failure)
            {
                return new ProviderReply.Failed(failure);
            }
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            response?.Dispose();
            clock?.Dispose();
        }
    }

    /// <summary>Why the head of an answer already makes it a failure; null when it does not.</summary>
    private ProviderFailure? Refusal(HttpResponseMessage response, bool isStreaming)
    {
        var status = (int)response.StatusCode;
        if (status >= 400)
        {
            return new ProviderFailure(FailureKind.Status, status, RetryHints.Read(response.Headers, time));
        }

        if (status is >= 300 and < 400)
        {
            return new ProviderFailure(FailureKind.Redirect, status);
        }

        var headers = response.Content.Headers;
        var type = headers.ContentType?.MediaType;
        var isExpectedType = isStreaming
            ? string.Equals(type, "text/event-stream", StringComparison.OrdinalIgnoreCase)
            : string.Equals(type, "application/json", StringComparison.OrdinalIgnoreCase);
        return response.StatusCode is HttpStatusCode.OK
            && isExpectedType
            && headers.ContentEncoding.All(static encoding => string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
            && headers.ContentLength is null or <= MaxAnswerBytes
                ? null
                : new ProviderFailure(FailureKind.Malformed);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadWholeAsync(Stream content, AttemptClock clock, CancellationToken deadlines)
    {
        ArrayBufferWriter<byte> body = new(16_384);
        while (true)
        {
            clock.Start(FailureKind.BetweenTokensTimeout);
            var count = await content.ReadAsync(body.GetMemory(8_192), deadlines);
            clock.Stop();
            if (count == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(count);
            if (body.WrittenCount > MaxAnswerBytes)
            {
                throw new MalformedAnswerException("An answer over the size limit.");
            }
        }
    }
}
