using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.Gemini;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>OpenAI's chat completions.</summary>
internal sealed class ChatCompletionsApi : CallerApi
{
    private static readonly WireRoute OnChat = new(null, static _ => new OpenAiFormat());
    private static readonly WireRoute OnMessages = new(AnthropicRequest.Translate, static time => new AnthropicFormat(time));
    private static readonly WireRoute OnGemini = new(GeminiRequest.Translate, static time => new GeminiFormat(time));
    private static readonly ReadOnlyMemory<byte> Done = "[DONE]"u8.ToArray();

    public override string Name => "chat completions";

    public override string RecordName => "openai-chat";

    public override PromptShape Shape { get; } = new ChatShape();

    public override ReadOnlyMemory<byte>? End => Done;

    public override WireRoute? RouteOn(ProviderApi api) => api switch
    {
        ProviderApi.ChatCompletions => OnChat,
        ProviderApi.Messages => OnMessages,
        ProviderApi.GenerateContent => OnGemini,
        _ => null,
    };

    public override ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> answer, PlaceholderTable placeholders)
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

    public override IStreamedRestorer OpenRestorer(PlaceholderTable placeholders, bool includesUsage) => new ChunkRestorer(placeholders, includesUsage);

    public override string? EventName(StreamChunk chunk) => null;

    public override ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure, int number) => OpenAiErrors.BrokenStream(failure);

    public override Task WriteErrorAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default) =>
        OpenAiErrors.WriteAsync(response, error, cancellationToken);
}
