using System.Net.Http.Headers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// Anthropic's models on Google's Vertex AI: <c>URL/publishers/anthropic/models/MODEL:rawPredict</c>, where the URL names project and location.
/// </summary>
internal sealed class VertexAnthropicAdapter : ProviderAdapter
{
    private const string Publisher = "/publishers/anthropic/models/";
    private static readonly ProviderApi[] Offered = [ProviderApi.Messages, ProviderApi.CountTokens];

    public override IReadOnlyList<ProviderApi> Apis(Endpoint endpoint) => Offered;

    public override Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming) => At(endpoint, api is ProviderApi.CountTokens
        ? $"{Publisher}count-tokens:rawPredict"
        : $"{Publisher}{Uri.EscapeDataString(endpoint.UpstreamModel)}:{(isStreaming ? "streamRawPredict" : "rawPredict")}");

    /// <summary>Members that Google's own API has under these names are not the caller's to write.</summary>
    public override string? Lacks(Endpoint endpoint, PromptDocument document) =>
        Array.Find(["inference_geo", "anthropic_version"], name => document.RootText(name) is not null);

    // Counting has no model in its path, so there it stays in the body.
    public override ReadOnlyMemory<byte> Wrap(Endpoint endpoint, ProviderApi api, ReadOnlyMemory<byte> body, IReadOnlyList<string> betas) =>
        Envelope.Of(body, api is ProviderApi.CountTokens ? [] : ["model"], static writer => writer.WriteString("anthropic_version", "vertex-2023-10-16"));

    public override void AddHeaders(HttpRequestHeaders headers, IReadOnlyList<string> betas) => AddBetas(headers, BetaFeatures.KnownToClouds(betas));
}

/// <summary>Google's own models on Vertex AI: <c>URL/publishers/google/models/MODEL:generateContent</c>.</summary>
internal sealed class VertexGeminiAdapter : ProviderAdapter
{
    private static readonly ProviderApi[] Offered = [ProviderApi.GenerateContent];

    public override IReadOnlyList<ProviderApi> Apis(Endpoint endpoint) => Offered;

    public override Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming)
    {
        var model = $"/publishers/google/models/{Uri.EscapeDataString(endpoint.UpstreamModel)}";
        return isStreaming ? At(endpoint, $"{model}:streamGenerateContent", "alt=sse") : At(endpoint, $"{model}:generateContent");
    }

    public override ReadOnlyMemory<byte> Wrap(Endpoint endpoint, ProviderApi api, ReadOnlyMemory<byte> body, IReadOnlyList<string> betas) => Envelope.Of(body, ["model"]);
}
