using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>OpenAI's embeddings: whole answers of numbers, in which there is nothing to restore.</summary>
internal sealed class EmbeddingsApi : CallerApi
{
    private static readonly WireRoute OnEmbeddings = new(null, static _ => new EmbeddingsFormat());

    public override string Name => "embeddings";

    public override string RecordName => "openai-embeddings";

    public override PromptShape Shape { get; } = new EmbeddingsShape();

    public override ReadOnlyMemory<byte>? End => null;

    public override WireRoute? RouteOn(ProviderApi api) => api is ProviderApi.Embeddings ? OnEmbeddings : null;

    public override ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders) => answer;

    public override IStreamedRestorer OpenRestorer(PlaceholderTable placeholders, bool includesUsage) => throw new InvalidOperationException("Embeddings are not streamed.");

    public override string? EventName(StreamChunk chunk) => null;

    public override ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure, int number) => throw new InvalidOperationException("Embeddings are not streamed.");

    public override Task WriteErrorAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default) =>
        OpenAiErrors.WriteAsync(response, error, cancellationToken);
}

/// <summary>The shape of an embeddings body: <c>input</c> is a text, a list of texts, or lists of the numbers of tokens, which cannot be looked into.</summary>
internal sealed class EmbeddingsShape : PromptShape
{
    public override string Feature => "embeddings";

    public override string Content => "input";

    public override PromptScope ChildOf(PromptFrame parent) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "input") => PromptScope.Input,
        (PromptScope.Root, "metadata") => PromptScope.Metadata,
        (PromptScope.Input, _) => PromptScope.Input,
        _ => PromptScope.Other,
    };

    public override GatewayError? Check(PromptFrame parent, bool isArray) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") => NotA("model", "string", "model"),
        (PromptScope.Root, "input") when !isArray => NotA("input", "string or an array", "input"),
        (PromptScope.Root, "metadata") when isArray => NotA("metadata", "object", "metadata"),
        (PromptScope.Input, _) when !isArray => NotA("input[]", "string or an array", "input"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override GatewayError? CheckScalar(PromptFrame parent, JsonTokenType type) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") when type is not JsonTokenType.String => NotA("model", "string", "model"),
        (PromptScope.Root, "input") when type is not JsonTokenType.String => NotA("input", "string or an array", "input"),
        (PromptScope.Root, "stream") when type is not (JsonTokenType.False or JsonTokenType.Null) => GatewayError.InvalidRequest("Embeddings are not streamed.", "stream"),
        (PromptScope.Input, _) when type is not (JsonTokenType.String or JsonTokenType.Number) => NotA("input[]", "string or a number", "input"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) && type is not JsonTokenType.String => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override bool IsRole(string role) => false;

    public override void SeeRootField(PromptFeatures features, string name)
    {
    }

    public override void SeeMessageField(PromptFeatures features, string name)
    {
    }

    public override void SeePart(PromptFeatures features, string kind)
    {
    }

    public override bool NamesPart(string key) => false;
}

/// <summary>Answers of the embeddings API, passed on as they are.</summary>
internal sealed class EmbeddingsFormat : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        AnswerText.Check(body.Span);
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object || !root.TryGetProperty("data", out var data) || data.ValueKind is not JsonValueKind.Array)
        {
            throw new MalformedAnswerException("An answer without embeddings.");
        }

        ChunkFacts.Note(root, ""u8, facts);
        facts.OutputTokens = 0;
        return body;
    }

    public IStreamFormat OpenStream() => throw new InvalidOperationException("Embeddings are not streamed.");
}
