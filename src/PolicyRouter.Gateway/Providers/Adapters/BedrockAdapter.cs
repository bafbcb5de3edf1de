using System.Net.Http.Headers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// Amazon Bedrock's runtime with an API key: Anthropic's models by <c>InvokeModel</c> (<c>URL/model/ID/invoke</c>), the others by its path for chat
/// completions (<c>URL/openai/v1/chat/completions</c>). Bedrock documentation: InvokeModel, inference with the Chat Completions API, API keys.
/// </summary>
internal sealed class BedrockAdapter : ProviderAdapter
{
    private const string EventStream = "application/vnd.amazon.eventstream";
    private static readonly ProviderApi[] Anthropic = [ProviderApi.Messages];
    private static readonly ProviderApi[] Others = [ProviderApi.ChatCompletions];

    public override IReadOnlyList<ProviderApi> Apis(Endpoint endpoint) =>
        endpoint.UpstreamModel.Contains("anthropic.", StringComparison.Ordinal) ? Anthropic : Others;

    public override Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming) => api is ProviderApi.Messages
        ? At(endpoint, $"/model/{Uri.EscapeDataString(endpoint.UpstreamModel)}/{(isStreaming ? "invoke-with-response-stream" : "invoke")}")
        : At(endpoint, "/openai/v1/chat/completions");

    /// <summary>Members that Amazon's own API has under these names are not the caller's to write.</summary>
    public override string? Lacks(Endpoint endpoint, PromptDocument document) =>
        Array.Find(["inference_geo", "anthropic_version", "anthropic_beta"], name => document.RootText(name) is not null);

    public override ReadOnlyMemory<byte> Wrap(Endpoint endpoint, ProviderApi api, ReadOnlyMemory<byte> body, IReadOnlyList<string> betas) => api is ProviderApi.Messages
        ? Envelope.Of(body, ["model", "stream"], writer =>
        {
            writer.WriteString("anthropic_version", "bedrock-2023-05-31");
            if (BetaFeatures.KnownToClouds(betas) is { Count: > 0 } known)
            {
                writer.WriteStartArray("anthropic_beta");
                foreach (var beta in known)
                {
                    writer.WriteStringValue(beta);
                }

                writer.WriteEndArray();
            }
        })
        : body;

    public override string StreamType(ProviderApi api) => api is ProviderApi.Messages ? EventStream : base.StreamType(api);

    public override IEventReader OpenEvents(ProviderApi api, Stream content) =>
        api is ProviderApi.Messages ? new AmazonEventReader(content) : base.OpenEvents(api, content);

    public override string? PlaceOf(HttpResponseHeaders headers) => Value(headers, "x-amzn-bedrock-inference-region");
}
