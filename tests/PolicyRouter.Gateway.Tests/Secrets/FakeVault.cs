using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyRouter.Gateway.Tests.Secrets;

/// <summary>A key vault over TLS for the real <see cref="SecretClient"/>: challenge, one secret per name, failures on command.</summary>
internal sealed class FakeVault : IAsyncDisposable
{
    private const string Token = "vault-token";
    private static int _count;
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private int _reads;

    private FakeVault(WebApplication app, HttpClient http, string host)
    {
        _app = app;
        _http = http;
        Client = new SecretClient(new Uri($"https://{host}/"), new StaticCredential(this), new SecretClientOptions
        {
            Transport = new HttpClientTransport(http),
            Retry = { MaxRetries = 0 },
        });
    }

    public SecretClient Client { get; }
    public Dictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);
    public int? FailWith { get; set; }
    public int Reads => _reads;

    /// <summary>What it does instead of answering, if anything.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>True while the identity service gives no tokens for it.</summary>
    public bool HasNoTokens { get; set; }

    /// <summary>Reads wait for it while it is set.</summary>
    public Task? Hold { get; set; }

    public static async Task<FakeVault> StartAsync()
    {
        // The SDK remembers the challenge of a vault by name, for the whole process: every fake has its own.
        var host = $"policyrouter-test-{Interlocked.Increment(ref _count)}.vault.azure.net";
        using var key = RSA.Create(2048);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var today = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(today.AddDays(-1), today.AddDays(1));
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        FakeVault? vault = null;
        app.Run(http => vault!.AnswerAsync(http));
        await app.StartAsync();
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

        // The production address stays; only the way to it is ours, and the one certificate that is trusted.
        HttpClient client = new(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { certificate },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        });
        vault = new FakeVault(app, client, host);
        return vault;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var name = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[1];
        if (http.Request.Headers.Authorization != $"Bearer {Token}")
        {
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate =
                "Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"https://vault.azure.net\"";
            return;
        }

        Interlocked.Increment(ref _reads);
        await (Hold ?? Task.CompletedTask);
        if (Instead is { } instead)
        {
            await instead(http);
            return;
        }

        if (FailWith is not null || !Secrets.TryGetValue(name, out var value))
        {
            http.Response.StatusCode = FailWith ?? 404;
            await http.Response.WriteAsJsonAsync(new { error = new { code = "Failed", message = "no" } });
            return;
        }

        await http.Response.WriteAsJsonAsync(new { value, id = $"https://{http.Request.Host}/secrets/{name}/1", attributes = new { enabled = true } });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class StaticCredential(FakeVault vault) : TokenCredential
    {
        // Never for longer than a moment, so that every read asks for one.
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => vault.HasNoTokens
            ? throw new AuthenticationFailedException("No tokens today.")
            : new(Token, TimeProvider.System.GetUtcNow().AddSeconds(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
