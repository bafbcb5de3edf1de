using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace PolicyRouter.Gateway.Callers;

/// <summary>
/// Fetches the two documents of an OpenID Connect issuer: https only, no redirect, no cookies, no proxy, five seconds, 256 KB.
/// </summary>
internal sealed class IssuerDocuments : IDisposable
{
    internal const int MaxDocumentBytes = 256 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
    private readonly HttpMessageInvoker _http;
    private readonly Uri _authority;
    private readonly bool _allowHttpOnLoopback;
    private readonly TimeProvider _time;

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The issuer is no provider: its documents are fetched without a prompt or a key, with limits of their own.")]
    public IssuerDocuments(Uri authority, bool allowHttpOnLoopback, TimeProvider time)
    {
        _authority = authority;
        _allowHttpOnLoopback = allowHttpOnLoopback;
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            ConnectTimeout = Timeout,
        });
    }

    /// <summary>The issuer's exact name and its key set as JSON.</summary>
    /// <exception cref="IssuerDocumentException">A document could not be had, or is not what it should be.</exception>
    public async Task<(string Issuer, byte[] KeySet)> FetchAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var metadata = await GetAsync(new Uri(_authority.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration"), both.Token);
            using var json = JsonDocument.Parse(metadata, Strict);
            var issuer = Text(json.RootElement, "issuer");
            var keys = Text(json.RootElement, "jwks_uri");

            // OpenID Connect Discovery 1.0, section 4.3: the issuer must be the one that was asked for.
            if (issuer is null || issuer.TrimEnd('/') != _authority.OriginalString.TrimEnd('/'))
            {
                throw new IssuerDocumentException("the metadata names another issuer");
            }

            return Uri.TryCreate(keys, UriKind.Absolute, out var address)
                ? (issuer, await GetAsync(address, both.Token))
                : throw new IssuerDocumentException("the metadata has no usable jwks_uri");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssuerDocumentException("no complete answer within 5 seconds");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or JsonException)
        {
            throw new IssuerDocumentException(error is JsonException ? "the metadata is not JSON" : "the connection failed", error);
        }
    }

    private async Task<byte[]> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme != Uri.UriSchemeHttps && !(_allowHttpOnLoopback && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        {
            throw new IssuerDocumentException("an address of the issuer is not https");
        }

        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using var response = await _http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new IssuerDocumentException($"status {(int)response.StatusCode}");
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxDocumentBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxDocumentBytes ? buffer[..length] : throw new IssuerDocumentException("a document is larger than 256 KB");
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public void Dispose() => _http.Dispose();
}

/// <summary>An issuer's document could not be had; the message is fixed words, never the document's.</summary>
internal sealed class IssuerDocumentException(string message, Exception? inner = null) : Exception(message, inner);
