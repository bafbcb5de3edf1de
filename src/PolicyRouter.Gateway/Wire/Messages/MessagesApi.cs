using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Redaction.Replacement;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>The Anthropic Messages API: as it is to providers that speak it, translated to those that speak chat completions.</summary>
internal class MessagesApi : CallerApi
{
    private static readonly WireRoute OnAnthropic = new("messages", null, static _ => new MessagesFormat());
    private static readonly WireRoute OnOpenAi = new("chat/completions", ChatRequest.Translate, static _ => new MessagesFromChat());

    public override string Name => "messages";

    public override string RecordName => "anthropic-messages";

    public override PromptShape Shape { get; } = new MessagesShape();

    public override ReadOnlyMemory<byte>? End => null;

    public override WireRoute? RouteOn(WireFormat wire) => wire switch
    {
        WireFormat.Anthropic => OnAnthropic,
        WireFormat.OpenAi or WireFormat.AzureOpenAi => OnOpenAi,
        _ => null,
    };

    public override ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders)
    {
        using var document = JsonDocument.Parse(answer);
        return MessageRestorer.Restore(document.RootElement, placeholders);
    }

    public override IStreamedRestorer OpenRestorer(PlaceholderTable placeholders, bool includesUsage) => new MessageRestorer(placeholders);

    public override string? EventName(ReadOnlyMemory<byte> chunk)
    {
        using var document = JsonDocument.Parse(chunk);
        var type = MessageJson.Text(document.RootElement, "type");
        return type is not null && type.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') ? type : null;
    }

    public override ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure, int number) =>
        AnthropicErrors.Body("api_error", $"The provider's stream broke; the answer is incomplete ({failure.Code}).", null);

    public override Task WriteErrorAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default) =>
        AnthropicErrors.WriteAsync(response, error, cancellationToken);
}

/// <summary>Counting the tokens of a message: the provider sees the whole prompt, so it is decided and recorded like any other request. Only who speaks this API counts its tokens.</summary>
internal sealed class CountTokensApi : MessagesApi
{
    private static readonly WireRoute OnAnthropic = new("messages/count_tokens", null, static _ => new TokenCountFormat());

    public override string Name => "messages/count_tokens";

    public override string RecordName => "anthropic-count-tokens";

    public override WireRoute? RouteOn(WireFormat wire) => wire is WireFormat.Anthropic ? OnAnthropic : null;
}
