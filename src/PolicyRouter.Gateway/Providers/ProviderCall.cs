using System.Buffers;
using System.Net;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Providers.Adapters;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers;

/// <summary>
/// Sends one HTTP request once and reads its answer within the endpoint's deadlines. Never repeats it: a second send needs a
/// second record. Nothing of the provider's text gets into a failure.
/// </summary>
internal sealed class ProviderCall(TimeProvider time)
{
    /// <summary>Largest whole answer in words, in bytes.</summary>
    public const int MaxAnswerBytes = 8 * 1_048_576;

    /// <summary>Largest answer of embeddings, in bytes: the 2,048 texts that a request may have, with 1,536 numbers each as digits, or 3,072 as base64.</summary>
    public const int MaxEmbeddingsBytes = 64 * 1_048_576;

    private const int MaxErrorBytes = 4_096;

    // Larger answers grow as they come.
    private const int MostSetAside = 65_536;
    private static readonly TimeSpan LongestForReason = TimeSpan.FromMilliseconds(500);

    /// <remarks>
    /// The first-token deadline covers a stream up to its first word. A whole answer has no first word: only the total applies
    /// until its headers are there, then also the one between tokens.
    /// </remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ProviderReply> RunAsync(
        HttpMessageInvoker connection,
        HttpRequestMessage request,
        ExpectedAnswer expected,
        EndpointTimeouts timeouts,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        AttemptClock? clock = new(timeouts, time);
        HttpResponseMessage? response = null;
        ProviderStream? stream = null;
        try
        {
            using var deadlines = clock.Link(cancellationToken);
            if (expected.IsStreaming)
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

            if (Refusal(response, expected) is { } refusal)
            {
                return new ProviderReply.Failed(await WithReasonAsync(refusal, response, deadlines.Token));
            }

            AnswerFacts facts = new() { RanIn = expected.Adapter.PlaceOf(response.Headers), IsTraced = RequestTelemetry.IsTraced };
            try
            {
                var content = await response.Content.ReadAsStreamAsync(deadlines.Token);
                if (!expected.IsStreaming)
                {
                    var body = await ReadWholeAsync(content, response.Content.Headers.ContentLength, expected.MaxBytes, clock, deadlines.Token);
                    var answer = expected.Format.ReadWhole(body, facts);
                    facts.Writing = time.GetElapsedTime(started);
                    return new ProviderReply.Whole(answer, facts);
                }

                stream = new ProviderStream(response, expected.Adapter.OpenEvents(expected.Api, content), expected.Format.OpenStream(), clock, facts, time);
                response = null;
                clock = null;
                await stream.AwaitContentAsync(deadlines.Token, cancellationToken);
                facts.FirstToken = time.GetElapsedTime(started);
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
    private ProviderFailure? Refusal(HttpResponseMessage response, ExpectedAnswer expected)
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
        var expectedType = expected.IsStreaming ? expected.Adapter.StreamType(expected.Api) : "application/json";
        return response.StatusCode is HttpStatusCode.OK
            && string.Equals(type, expectedType, StringComparison.OrdinalIgnoreCase)
            && headers.ContentEncoding.All(static encoding => string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
            && (headers.ContentLength ?? 0) <= expected.MaxBytes
                ? null
                : new ProviderFailure(FailureKind.Malformed);
    }

    /// <summary>
    /// The failure with what its body says about residency, the one thing in it that is ours to know: it is read in vain for anything else, and no text of
    /// it is kept.
    /// </summary>
    private async Task<ProviderFailure> WithReasonAsync(ProviderFailure failure, HttpResponseMessage response, CancellationToken deadlines)
    {
        if (failure.Status is not (400 or 403 or 404 or 409 or 422 or 451) || response.Content.Headers.ContentType?.MediaType is not "application/json")
        {
            return failure;
        }

        using CancellationTokenSource patience = new(LongestForReason, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, deadlines);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxErrorBytes);
        try
        {
            var content = await response.Content.ReadAsStreamAsync(either.Token);
            var count = await content.ReadAtLeastAsync(buffer.AsMemory(0, MaxErrorBytes), MaxErrorBytes, throwOnEndOfStream: false, either.Token);
            return buffer.AsSpan(0, count).IndexOf("\"data_residency_mismatch\""u8) >= 0 ? failure with { IsResidencyMismatch = true } : failure;
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status stands, whatever became of its explanation.
            return failure;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <param name="announced">Its Content-Length, if it has one: a provider may say what it likes, so no more is set aside for it than for any other.</param>
    private static async Task<ReadOnlyMemory<byte>> ReadWholeAsync(Stream content, long? announced, int maxBytes, AttemptClock clock, CancellationToken deadlines)
    {
        // One byte more, in which nothing arrives: that is its end.
        ArrayBufferWriter<byte> body = new((int)Math.Min(announced + 1 ?? 4_096, MostSetAside));
        while (true)
        {
            clock.Start(FailureKind.BetweenTokensTimeout);
            var count = await content.ReadAsync(body.GetMemory(1), deadlines);
            clock.Stop();
            if (count == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(count);
            if (body.WrittenCount > maxBytes)
            {
                throw new MalformedAnswerException("An answer over the size limit.");
            }
        }
    }
}

/// <summary>What comes back from an attempt, if it succeeds.</summary>
/// <param name="Format">Reads it into the form of the caller's API.</param>
internal sealed record ExpectedAnswer(ProviderAdapter Adapter, ProviderApi Api, IAnswerFormat Format, bool IsStreaming)
{
    /// <summary>How large a whole one may be.</summary>
    public int MaxBytes => Api is ProviderApi.Embeddings ? ProviderCall.MaxEmbeddingsBytes : ProviderCall.MaxAnswerBytes;
}
