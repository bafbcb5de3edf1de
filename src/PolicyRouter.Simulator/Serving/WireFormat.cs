using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Anthropic;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Bedrock;
using PolicyRouter.Simulator.OpenAi;
using PolicyRouter.Simulator.Vertex;

namespace PolicyRouter.Simulator.Serving;

/// <summary>How one kind of provider reads requests, checks them and writes answers and errors.</summary>
internal abstract class WireFormat(ProviderProfile profile)
{
    protected ProviderProfile Profile { get; } = profile;

    public abstract string RequestIdPrefix { get; }

    public abstract string AnswerIdPrefix { get; }

    public virtual string StreamContentType => "text/event-stream; charset=utf-8";

    public static WireFormat For(ProviderProfile profile) => profile.Wire switch
    {
        ProviderWire.OpenAi => new OpenAiFormat(profile),
        ProviderWire.AzureOpenAi => new AzureOpenAiFormat(profile),
        ProviderWire.Anthropic => new AnthropicFormat(profile),
        ProviderWire.Bedrock when BedrockAnthropicFormat.Serves(profile.Model) => new BedrockAnthropicFormat(profile),
        ProviderWire.Bedrock => new BedrockOpenAiFormat(profile),
        ProviderWire.VertexAnthropic => new VertexAnthropicFormat(profile),
        ProviderWire.VertexGemini => new VertexGeminiFormat(profile),
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile.Wire, "No such wire."),
    };

    /// <summary>What the path asks for, or the error for a path that asks for nothing.</summary>
    public abstract (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request);

    /// <summary>Null if the caller may ask.</summary>
    public abstract WireError? Authenticate(HttpRequest request);

    /// <summary>Reads a chat request that has found its endpoint; the prompt is null exactly when there is an error.</summary>
    public abstract (Prompt? Prompt, WireError? Error) Read(HttpRequest request, JsonElement body);

    /// <summary>The error this provider gives with a status when it fails.</summary>
    public abstract WireError ErrorFor(int status);

    /// <summary>The error this provider gives inside a stream where it would have given a status.</summary>
    public virtual WireError StreamErrorFor(int status) => ErrorFor(status);

    /// <summary>Headers of answers and errors alike.</summary>
    public abstract void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs);

    /// <summary>Headers of a chat answer only, whole or streamed.</summary>
    public virtual void AddAnswerHeaders(IHeaderDictionary headers, Prompt prompt, Answer answer)
    {
    }

    public virtual void AddErrorHeaders(IHeaderDictionary headers, WireError error)
    {
    }

    public virtual void AddRetryAfter(IHeaderDictionary headers, TimeSpan delay) =>
        headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    public abstract void WriteError(Utf8JsonWriter json, WireError error, string requestId);

    public abstract void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer);

    /// <summary>Only for wires whose <see cref="Route"/> knows <see cref="WireEndpoint.Models"/>.</summary>
    public virtual void WriteModels(Utf8JsonWriter json) => throw new NotSupportedException("This provider has no model list.");

    /// <summary>
    /// An answer to a POST that is no chat: embeddings, a token count. Only for wires whose <see cref="Route"/> knows one.
    /// </summary>
    public virtual WireError? WriteOther(Utf8JsonWriter json, WireEndpoint endpoint, JsonElement body) =>
        throw new NotSupportedException("This provider answers chats only.");

    public abstract AnswerStream OpenStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer);

    public abstract WireError InvalidJson { get; }
}

internal enum WireEndpoint
{
    None,
    Chat,
    Models,
    Embeddings,
    CountTokens,
}
