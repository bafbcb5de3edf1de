using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Gemini;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>The Anthropic Messages API: as it is to providers that speak it, translated to those that speak chat completions.</summary>
internal class MessagesApi : CallerApi
{
    private static readonly WireRoute OnMessages = new(null, static _ => new MessagesFormat());
    private static readonly WireRoute OnChat = new(ChatRequest.Translate, static _ => new MessagesFromChat(new OpenAiFormat()));
    private static readonly WireRoute OnGemini = new(TranslateTwice, static time => new MessagesFromChat(new GeminiFormat(time)));

    public override string Name => "messages";

    public override string RecordName => "anthropic-messages";

    public override PromptShape Shape { get; } = new MessagesShape();

    public override bool HasBetas => true;

    public override ReadOnlyMemory<byte>? End => null;

    public override WireRoute? RouteOn(ProviderApi api) => api switch
    {
        ProviderApi.Messages => OnMessages,
        ProviderApi.ChatCompletions => OnChat,
        ProviderApi.GenerateContent => OnGemini,
        _ => null,
    };

    public override ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders)
    {
        using var document = JsonDocument.Parse(answer);
        return MessageRestorer.Restore(document.RootElement, placeholders);
    }

    public override IStreamedRestorer OpenRestorer(PlaceholderTable placeholders, bool includesUsage) => new MessageRestorer(placeholders);

    public override string? EventName(StreamChunk chunk) => MessageRestorer.EventName(MessageJson.Type(chunk.Root));

    public override ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure, int number) =>
        AnthropicErrors.Body("api_error", $"The provider's stream broke; the answer is incomplete ({failure.Code}).", null);

    public override Task WriteErrorAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default) =>
        AnthropicErrors.WriteAsync(response, error, cancellationToken);

    private static byte[]? TranslateTwice(ReadOnlyMemory<byte> body, out string? missing) =>
        ChatRequest.Translate(body, out missing) is { } chat ? GeminiRequest.Translate(chat, out missing) : null;
}

/// <summary>Counting the tokens of a message: the provider sees the whole prompt, so it is decided and recorded like any other request. Only who speaks this API counts its tokens.</summary>
internal sealed class CountTokensApi : MessagesApi
{
    private static readonly WireRoute OnCountTokens = new(null, static _ => new TokenCountFormat());

    public override string Name => "messages/count_tokens";

    public override string RecordName => "anthropic-count-tokens";

    public override WireRoute? RouteOn(ProviderApi api) => api is ProviderApi.CountTokens ? OnCountTokens : null;
}
