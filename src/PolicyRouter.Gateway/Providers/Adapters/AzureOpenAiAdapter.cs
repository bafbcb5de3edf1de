using System.Net.Http.Headers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// Azure OpenAI: <c>URL/openai/v1/…</c>, or with a dated API version <c>URL/openai/deployments/NAME/…?api-version=DATE</c>. A key goes into
/// <c>api-key</c>, a token of Entra ID into <c>authorization</c>.
/// </summary>
internal sealed class AzureOpenAiAdapter : OpenAiAdapter
{
    public override Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming) => endpoint.ApiVersion is { } version
        ? At(endpoint, $"/openai/deployments/{Uri.EscapeDataString(endpoint.UpstreamModel)}/{ResourceOf(api)}", $"api-version={version}")
        : At(endpoint, $"{VersionOf(endpoint, "/openai/v1")}/{ResourceOf(api)}");

    public override (string Name, string Value) HeaderOf(ProviderCredential credential) =>
        credential.IsToken ? base.HeaderOf(credential) : ("api-key", credential.Secret!);

    public override string? PlaceOf(HttpResponseHeaders headers) => Value(headers, "x-ms-region");
}
