using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Gateway.Wire.Sse;
using PolicyRouter.Policies.Facts;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// How providers of one kind are spoken to: which APIs they offer, at which address, in which envelope, with which credential, and what their answers say
/// about where they were made. Without state.
/// </summary>
internal abstract class ProviderAdapter
{
    // They go with the policy that names the endpoint.
    private static readonly ConditionalWeakTable<Endpoint, ConcurrentDictionary<(string Path, string Query), Uri>> Addresses = [];

    private static readonly OpenAiAdapter OpenAi = new();
    private static readonly AzureOpenAiAdapter AzureOpenAi = new();
    private static readonly AnthropicAdapter Anthropic = new();
    private static readonly BedrockAdapter Bedrock = new();
    private static readonly VertexAnthropicAdapter VertexAnthropic = new();
    private static readonly VertexGeminiAdapter VertexGemini = new();

    /// <summary>What a streamed answer is asked for and has to come as.</summary>
    public virtual string StreamType(ProviderApi api) => "text/event-stream";

    public static ProviderAdapter For(WireFormat wire) => wire switch
    {
        WireFormat.OpenAi => OpenAi,
        WireFormat.AzureOpenAi => AzureOpenAi,
        WireFormat.Anthropic => Anthropic,
        WireFormat.Bedrock => Bedrock,
        WireFormat.VertexAnthropic => VertexAnthropic,
        WireFormat.VertexGemini => VertexGemini,
        _ => throw new ArgumentOutOfRangeException(nameof(wire), wire, "No such wire."),
    };

    /// <summary>The APIs an endpoint offers.</summary>
    public abstract IReadOnlyList<ProviderApi> Apis(Endpoint endpoint);

    /// <summary>Where requests to an API of an endpoint go.</summary>
    public abstract Uri AddressOf(Endpoint endpoint, ProviderApi api, bool isStreaming);

    /// <summary>What the endpoint would do otherwise than asked although it speaks the API, in fixed words; null when nothing.</summary>
    public virtual string? Lacks(Endpoint endpoint, PromptDocument document) => null;

    /// <summary>The body as the endpoint wants it, from one in the form of the API.</summary>
    public virtual ReadOnlyMemory<byte> Wrap(Endpoint endpoint, ProviderApi api, ReadOnlyMemory<byte> body, IReadOnlyList<string> betas) => body;

    /// <summary>Adds what the provider demands besides the credential.</summary>
    public virtual void AddHeaders(HttpRequestHeaders headers, IReadOnlyList<string> betas)
    {
    }

    /// <summary>The header that carries the credential.</summary>
    public virtual (string Name, string Value) HeaderOf(ProviderCredential credential) => ("authorization", $"Bearer {credential.Secret}");

    public virtual IEventReader OpenEvents(ProviderApi api, Stream content) => new SseReader(content, SseLimits.Default);

    /// <summary>Where the headers of an answer say it was made, in the provider's words; null when they do not.</summary>
    public virtual string? PlaceOf(HttpResponseHeaders headers) => null;

    protected static void AddBetas(HttpRequestHeaders headers, IReadOnlyList<string> betas)
    {
        if (betas.Count > 0)
        {
            headers.Add(BetaFeatures.Header, string.Join(',', betas));
        }
    }

    protected static string? Value(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    protected static Uri At(Endpoint endpoint, string path, string query = "") =>
        Addresses.GetOrCreateValue(endpoint).GetOrAdd(
            (path, query),
            static (to, url) => new UriBuilder(url.Scheme, url.Host, url.Port, url.AbsolutePath.TrimEnd('/') + to.Path) { Query = to.Query }.Uri,
            endpoint.Url);
}
