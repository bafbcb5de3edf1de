using System.Net.Http.Headers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// Anthropic's own API: <c>URL/v1/messages</c>. Where a request runs is the endpoint's to say (<c>inference geo</c>), because the registry's regions rest on
/// it: a caller who asks for another geography is not sent here.
/// </summary>
internal sealed class AnthropicAdapter : OpenAiAdapter
{
    private const string Geography = "inference_geo";
    private static readonly ProviderApi[] Offered = [ProviderApi.Messages, ProviderApi.CountTokens];

    public override IReadOnlyList<ProviderApi> Apis(Endpoint endpoint) => Offered;

    public override Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming) =>
        At(endpoint, $"{VersionOf(endpoint, "/v1")}/{(api is ProviderApi.Messages ? "messages" : "messages/count_tokens")}");

    public override string? Lacks(Endpoint endpoint, PromptDocument document) =>
        document.RootText(Geography) is { } asked && asked != endpoint.InferenceGeo ? Geography : null;

    public override ReadOnlyMemory<byte> Wrap(Endpoint endpoint, ProviderApi api, ReadOnlyMemory<byte> body, IReadOnlyList<string> betas) =>
        endpoint.InferenceGeo is { } place && api is ProviderApi.Messages ? Envelope.Of(body, [Geography], writer => writer.WriteString(Geography, place)) : body;

    public override void AddHeaders(HttpRequestHeaders headers, IReadOnlyList<string> betas)
    {
        headers.Add("anthropic-version", "2023-06-01");
        AddBetas(headers, betas);
    }

    public override (string Name, string Value) HeaderOf(ProviderCredential credential) => ("x-api-key", credential.Secret!);
}
