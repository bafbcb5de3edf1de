using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// OpenAI and every compatible server: <c>URL/v1/chat/completions</c>, or <c>URL/chat/completions</c> when the URL itself ends in a version (<c>/v1</c>,
/// <c>/openai/v1</c>).
/// </summary>
internal class OpenAiAdapter : ProviderAdapter
{
    private static readonly ProviderApi[] Offered = [ProviderApi.ChatCompletions, ProviderApi.Embeddings];

    public override IReadOnlyList<ProviderApi> Apis(Endpoint endpoint) => Offered;

    public override Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming) => At(endpoint, $"{VersionOf(endpoint, "/v1")}/{ResourceOf(api)}");

    /// <summary>The version to put behind the URL: none when it ends in one.</summary>
    protected static string VersionOf(Endpoint endpoint, string version)
    {
        var path = endpoint.Url.AbsolutePath.TrimEnd('/');
        var last = path.AsSpan(path.LastIndexOf('/') + 1);
        return last.Length > 1 && last[0] == 'v' && char.IsAsciiDigit(last[1]) ? "" : version;
    }

    protected static string ResourceOf(ProviderApi api) => api switch
    {
        ProviderApi.ChatCompletions => "chat/completions",
        ProviderApi.Embeddings => "embeddings",
        _ => throw new ArgumentOutOfRangeException(nameof(api), api, "Not offered."),
    };
}
