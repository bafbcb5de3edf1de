using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Gateway.Tests.Callers;

/// <summary>An OpenID Connect issuer of our own that can rotate, withdraw, lie and fall silent.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "https://gateway.example";
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RSA> _keys = new(StringComparer.Ordinal);
    private int _keySetReads;

    private TestIssuer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";
    public int KeySetReads => _keySetReads;

    /// <summary>While set, both documents are answered with it.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }
    public RSA this[string keyId] => _keys[keyId];

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        TestIssuer issuer = new(app);
        app.Run(issuer.AnswerAsync);
        await app.StartAsync();
        issuer.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        issuer.AddKey("first");
        return issuer;
    }

    public void AddKey(string keyId) => _keys[keyId] = RSA.Create(2048);

    public void Withdraw(string keyId) => _keys.TryRemove(keyId, out _);

    public SecurityTokenDescriptor Descriptor(DateTimeOffset now, string keyId = "first", RSA? key = null) => new()
    {
        Issuer = Url,
        Audience = Audience,
        TokenType = "at+jwt",
        IssuedAt = now.UtcDateTime,
        NotBefore = now.UtcDateTime,
        Expires = now.UtcDateTime.AddMinutes(30),
        Claims = new Dictionary<string, object> { ["sub"] = "chart-app", ["roles"] = new[] { "app" } },
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(key ?? _keys[keyId]) { KeyId = keyId }, SecurityAlgorithms.RsaSha256),
    };

    public static string Sign(SecurityTokenDescriptor descriptor) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);

    private Task AnswerAsync(HttpContext http)
    {
        var isKeySet = http.Request.Path == "/keys";
        if (isKeySet)
        {
            Interlocked.Increment(ref _keySetReads);
        }

        return Instead is { } instead ? instead(http) : isKeySet
            ? http.Response.WriteAsJsonAsync(new { keys = _keys.Select(static pair => Jwk(pair.Key, pair.Value)) })
            : http.Response.WriteAsJsonAsync(new { issuer = Url, jwks_uri = Url + "/keys" });
    }

    private static object Jwk(string keyId, RSA key)
    {
        var parts = key.ExportParameters(false);
        return new { kty = "RSA", use = "sig", kid = keyId, n = Base64UrlEncoder.Encode(parts.Modulus!), e = Base64UrlEncoder.Encode(parts.Exponent!) };
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
