using System.Net;
using System.Net.Http.Headers;
using PolicyRouter.Gateway.Providers.Adapters;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers;

/// <summary>
/// Builds the HTTP request of one attempt. Its headers are made here from nothing: of what the caller sent, only the redacted
/// body gets through.
/// </summary>
internal static class ProviderRequests
{
    /// <param name="body">In the form of the API; the endpoint's envelope is put around it here.</param>
    /// <param name="betas">Passed on to APIs that have them, in the provider's own way.</param>
    /// <exception cref="FormatException">The secret holds characters that a header cannot.</exception>
    public static HttpRequestMessage Build(
        Endpoint endpoint, ProviderApi api, ProviderCredential credential, ReadOnlyMemory<byte> body, IReadOnlyList<string> betas, bool isStreaming)
    {
        var adapter = ProviderAdapter.For(endpoint.Wire);
        if (api is not (ProviderApi.Messages or ProviderApi.CountTokens))
        {
            betas = [];
        }

        HttpRequestMessage request = new(HttpMethod.Post, adapter.AddressOf(endpoint, api, isStreaming))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(adapter.Wrap(endpoint, api, body, betas)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("accept", isStreaming ? adapter.StreamType(api) : "application/json");
        request.Headers.Add("user-agent", "policyrouter");
        adapter.AddHeaders(request.Headers, betas);
        if (credential.Secret is not null)
        {
            var (name, value) = adapter.HeaderOf(credential);
            request.Headers.Add(name, value);
        }

        return request;
    }
}
