using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Anthropic;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.OpenAi;

namespace PolicyRouter.Simulator.Serving;

/// <summary>How one kind of provider reads requests, checks them and writes answers and errors.</summary>
internal abstract class WireFormat(ProviderProfile profile)
{
    protected ProviderProfile Profile { get; } = profile;

    public abstract string RequestIdPrefix { get; }

    public abstract string AnswerIdPrefix { get; }

    public static WireFormat For(ProviderProfile profile) => profile.Wire switch
    {
        ProviderWire.OpenAi => new OpenAiFormat(profile),
        ProviderWire.AzureOpenAi => new AzureOpenAiFormat(profile),
        ProviderWire.Anthropic => new AnthropicFormat(profile),
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile.Wire, "No such wire."),
    };

    /// <summary>What the path asks for, or the error for a path that asks for nothing.</summary>
    public abstract (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request);

    /// <summary>Null if the caller may ask.</summary>
    public abstract WireError? Authenticate(HttpRequest request);

    /// <summary>Reads a chat request; the prompt is null exactly when there is an error.</summary>
    public abstract (Prompt? Prompt, WireError? Error) Read(JsonElement body);

    /// <summary>The error this provider gives with a status when it fails.</summary>
    public abstract WireError ErrorFor(int status);

    public abstract void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs);

    public abstract void AddRetryAfter(IHeaderDictionary headers, TimeSpan delay);

    public abstract void WriteError(Utf8JsonWriter json, WireError error, string requestId);

    public abstract void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer);

    public abstract void WriteModels(Utf8JsonWriter json);

    /// <summary>An answer to a POST that is no chat: embeddings, a token count.</summary>
    public abstract WireError? WriteOther(Utf8JsonWriter json, WireEndpoint endpoint, JsonElement body);

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
