using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.Gemini;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>
/// The OpenAI Responses API, carried by chat completions wherever it goes: its own wire would have the provider keep every answer unless told otherwise, and ties a conversation
/// to whoever keeps it (<c>docs/decisions/0004-responses-by-chat-completions.md</c>).
/// </summary>
internal sealed class ResponsesApi : CallerApi
{
    private static readonly WireRoute OnChat = new(ChatFromResponses.Translate, static time => new ResponsesFromChat(time, new OpenAiFormat()));
    private static readonly WireRoute OnMessages = new(ForMessages, static time => new ResponsesFromChat(time, new AnthropicFormat(time)));
    private static readonly WireRoute OnGemini = new(ForGemini, static time => new ResponsesFromChat(time, new GeminiFormat(time)));

    public override string Name => "responses";

    public override string RecordName => "openai-responses";

    public override PromptShape Shape { get; } = new ResponsesShape();

    public override ReadOnlyMemory<byte>? End => null;

    public override WireRoute? RouteOn(ProviderApi api) => api switch
    {
        ProviderApi.ChatCompletions => OnChat,
        ProviderApi.Messages => OnMessages,
        ProviderApi.GenerateContent => OnGemini,
        _ => null,
    };

    public override ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders)
    {
        using var document = JsonDocument.Parse(answer);
        return MessageJson.Write(writer => ResponseRestorer.Copy(document.RootElement, "", placeholders, null, writer));
    }

    public override IStreamedRestorer OpenRestorer(PlaceholderTable placeholders, bool includesUsage) => new ResponseRestorer(placeholders);

    public override string? EventName(StreamChunk chunk) => MessageJson.Text(chunk.Root, "type");

    public override ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure, int number) => MessageJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "error");
        writer.WriteNumber("sequence_number", number);
        writer.WriteString("code", failure.Code);
        writer.WriteString("message", "The provider's stream broke; the answer is incomplete.");
        writer.WriteNull("param");
        writer.WriteEndObject();
    });

    public override Task WriteErrorAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default) =>
        OpenAiErrors.WriteAsync(response, error, cancellationToken);

    private static byte[]? ForMessages(ReadOnlyMemory<byte> body, out string? missing) =>
        ChatFromResponses.Translate(body, out missing) is { } chat ? AnthropicRequest.Translate(chat, out missing) : null;

    private static byte[]? ForGemini(ReadOnlyMemory<byte> body, out string? missing) =>
        ChatFromResponses.Translate(body, out missing) is { } chat ? GeminiRequest.Translate(chat, out missing) : null;
}
