using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Gateway.Wire.Responses;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// An API that callers speak: how its requests are read, which wires of providers can carry them, how answers are restored, framed and refused. Answers reach this class in
/// the caller's own form, whatever the provider spoke.
/// </summary>
internal abstract class CallerApi
{
    public static CallerApi ChatCompletions { get; } = new ChatCompletionsApi();
    public static CallerApi Embeddings { get; } = new EmbeddingsApi();
    public static CallerApi Messages { get; } = new MessagesApi();
    public static CallerApi CountTokens { get; } = new CountTokensApi();
    public static CallerApi Responses { get; } = new ResponsesApi();

    /// <summary>What it is called where a deployment does not offer it.</summary>
    public abstract string Name { get; }

    /// <summary>Its name in the audit log.</summary>
    public abstract string RecordName { get; }

    /// <summary>What the bodies of its requests look like.</summary>
    public abstract PromptShape Shape { get; }

    /// <summary>True when its requests may come with <c>anthropic-beta</c>; other APIs' callers cannot mean anything by it.</summary>
    public virtual bool HasBetas => false;

    /// <summary>The API of an address of the data plane; the errors of addresses that no API has are OpenAI's.</summary>
    public static CallerApi At(PathString path) => path.StartsWithSegments("/v1/messages", StringComparison.Ordinal) ? Messages : ChatCompletions;

    /// <summary>How an API of providers carries its requests; null when it does not.</summary>
    public abstract WireRoute? RouteOn(ProviderApi api);

    /// <summary>A whole answer with the placeholders restored; all other bytes as they came.</summary>
    public abstract ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders);

    /// <summary>What restores placeholders in one stream.</summary>
    public abstract IStreamedRestorer OpenRestorer(PlaceholderTable placeholders, bool includesUsage);

    /// <summary>The name of the server-sent event that carries a chunk; null for none.</summary>
    public abstract string? EventName(StreamChunk chunk);

    /// <summary>The data of the event after a proper end; null when the last chunk is the end.</summary>
    public abstract ReadOnlyMemory<byte>? End { get; }

    /// <summary>The last event of a stream that broke: an error, and no invented end.</summary>
    /// <param name="number">How many events were written before it.</param>
    public abstract ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure, int number);

    /// <summary>Writes status, headers and body of an error. Only before anything else has been written.</summary>
    public abstract Task WriteErrorAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default);
}

/// <summary>How the API of callers is carried by one of providers.</summary>
/// <param name="Translate">Null when the body goes out as it is.</param>
/// <param name="Format">Reads its answers into the form of the callers' API.</param>
internal sealed record WireRoute(RequestTranslator? Translate, Func<TimeProvider, IAnswerFormat> Format);

/// <summary>Translates a request; null when something in it would not mean the same.</summary>
/// <param name="missing">What cannot be translated, in fixed words; null when there is a body.</param>
/// <exception cref="JsonException">The body is not JSON: a bug, because it was read before.</exception>
internal delegate byte[]? RequestTranslator(ReadOnlyMemory<byte> body, out string? missing);

/// <summary>Restores placeholders in the chunks of one stream. Use once.</summary>
internal interface IStreamedRestorer
{
    /// <summary>Appends the events that one chunk becomes: more when something held back must come before it, or none. They are valid as long as the chunk, until the next call.</summary>
    public void Take(StreamChunk chunk, List<RelayedEvent> output);

    /// <summary>Appends what is still held back when the stream has ended, properly or not.</summary>
    public void Finish(List<RelayedEvent> output);
}
