using System.Net;
using System.Net.Http.Headers;
using PolicyRouter.Policies.Facts;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Providers;

/// <summary>
/// Builds the HTTP request of one attempt. Its headers are made here from nothing: of what the caller sent, only the redacted
/// body gets through.
/// </summary>
internal static class ProviderRequests
{
    /// <summary>Where requests for a resource of an endpoint go.</summary>
    /// <remarks>
    /// <c>openai</c>: <c>URL/v1/chat/completions</c>, or <c>URL/chat/completions</c> when the URL itself ends in a version
    /// (<c>/v1</c>, <c>/openai/v1</c>). <c>azure-openai</c>: <c>URL/openai/v1/chat/completions</c>, the API without dated versions.
    /// <c>anthropic</c>: <c>URL/v1/messages</c>.
    /// </remarks>
    public static Uri AddressOf(Endpoint endpoint, string resource)
    {
        var path = endpoint.Url.AbsolutePath.TrimEnd('/');
        var version = EndsInVersion(path) ? "" : endpoint.Wire is WireFormat.AzureOpenAi ? "/openai/v1" : "/v1";
        return new UriBuilder(endpoint.Url.Scheme, endpoint.Url.Host, endpoint.Url.Port, $"{path}{version}/{resource}").Uri;
    }

    /// <param name="secret">Null for endpoints without a credential.</param>
    /// <exception cref="FormatException">The secret holds characters that a header cannot.</exception>
    public static HttpRequestMessage Build(Endpoint endpoint, string resource, string? secret, ReadOnlyMemory<byte> body, bool isStreaming)
    {
        HttpRequestMessage request = new(HttpMethod.Post, AddressOf(endpoint, resource))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("accept", isStreaming ? "text/event-stream" : "application/json");
        request.Headers.Add("user-agent", "policyrouter");
        if (endpoint.Wire is WireFormat.Anthropic)
        {
            request.Headers.Add("anthropic-version", "2023-06-01");
        }

        if (secret is not null)
        {
            var (name, value) = endpoint.Wire switch
            {
                WireFormat.AzureOpenAi => ("api-key", secret),
                WireFormat.Anthropic => ("x-api-key", secret),
                _ => ("authorization", $"Bearer {secret}"),
            };
            request.Headers.Add(name, value);
        }

        return request;
    }

    private static bool EndsInVersion(string path)
    {
        var last = path.AsSpan(path.LastIndexOf('/') + 1);
        return last.Length > 1 && last[0] == 'v' && char.IsAsciiDigit(last[1]);
    }
}
