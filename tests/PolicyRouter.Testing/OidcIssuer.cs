using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Testing;

/// <summary>
/// An OpenID Connect issuer over HTTP: authorization code with PKCE (S256), answered by form post, one person who is always signed in. Codes are good once. It refuses what an issuer must refuse.
/// </summary>
public sealed class OidcIssuer : IAsyncDisposable
{
    public const string ClientId = "policyrouter-console";
    public const string ClientSecret = "client-secret-of-the-test";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _strangersKey = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string Challenge, string Nonce, string RedirectUri)> _codes = new(StringComparer.Ordinal);

    private OidcIssuer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Roles of the person who signs in.</summary>
    public IReadOnlyList<string> Roles { get; set; } = ["auditor"];

    /// <summary>Signs id tokens with a key that it does not publish.</summary>
    public bool SignsWithAnotherKey { get; set; }

    /// <summary>Puts another nonce into id tokens than the one it was given.</summary>
    public bool ChangesNonce { get; set; }

    /// <summary>The access tokens it has given, oldest first.</summary>
    public ConcurrentQueue<string> AccessTokens { get; } = new();

    /// <summary>What was asked of its authorization endpoint, oldest first.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Asked { get; } = new();

    public static async Task<OidcIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        OidcIssuer issuer = new(app);
        app.MapGet("/.well-known/openid-configuration", issuer.Configuration);
        app.MapGet("/keys", issuer.Keys);
        app.MapGet("/authorize", issuer.Authorize);
        app.MapPost("/token", (Delegate)issuer.TokenAsync);
        await app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _strangersKey.Dispose();
    }

    private string Name => Address.ToString().TrimEnd('/');

    private IResult Configuration() => Results.Json(new
    {
        issuer = Name, authorization_endpoint = $"{Name}/authorize", token_endpoint = $"{Name}/token", jwks_uri = $"{Name}/keys", response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" }, id_token_signing_alg_values_supported = new[] { "RS256" }, code_challenge_methods_supported = new[] { "S256" },
    });

    private IResult Keys()
    {
        var parts = _key.ExportParameters(false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "one", n = Base64UrlEncoder.Encode(parts.Modulus!), e = Base64UrlEncoder.Encode(parts.Exponent!) } } });
    }

    /// <summary>The page that a browser would send on by itself.</summary>
    private IResult Authorize(HttpContext http)
    {
        var asked = http.Request.Query.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToString(), StringComparer.Ordinal);
        Asked.Enqueue(asked);
        if (asked.GetValueOrDefault("client_id") != ClientId || asked.GetValueOrDefault("response_type") != "code" || asked.GetValueOrDefault("code_challenge_method") != "S256"
            || asked.GetValueOrDefault("response_mode") != "form_post" || !asked.TryGetValue("code_challenge", out var challenge) || !asked.TryGetValue("nonce", out var nonce)
            || !asked.TryGetValue("redirect_uri", out var redirect) || !asked.TryGetValue("state", out var state))
        {
            return Results.BadRequest("invalid_request");
        }

        var code = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(24));
        _codes[code] = (challenge, nonce, redirect);
        return Results.Content(
            $"<form method=\"post\" action=\"{WebUtility.HtmlEncode(redirect)}\"><input name=\"code\" value=\"{code}\"><input name=\"state\" value=\"{WebUtility.HtmlEncode(state)}\"></form>", "text/html");
    }

    private async Task<IResult> TokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret || form["grant_type"] != "authorization_code" || !_codes.TryRemove(form["code"].ToString(), out var asked)
            || form["redirect_uri"] != asked.RedirectUri || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != asked.Challenge)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        // Who names no resource with the code gets a token for the issuer's own user info.
        var access = Sign("at+jwt", form["resource"].ToString() is { Length: > 0 } resource ? resource : $"{Name}/userinfo", [], _key);
        AccessTokens.Enqueue(access);
        return Results.Json(new
        {
            access_token = access, token_type = "Bearer", expires_in = 600,
            id_token = Sign("JWT", ClientId, new() { ["nonce"] = ChangesNonce ? "another" : asked.Nonce }, SignsWithAnotherKey ? _strangersKey : _key),
        });
    }

    private string Sign(string type, string audience, Dictionary<string, object> claims, RSA key)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        claims["sub"] = "carla";
        claims["roles"] = Roles.ToArray();
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name, Audience = audience, TokenType = type, IssuedAt = now, NotBefore = now, Expires = now.AddMinutes(10), Claims = claims,
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(key) { KeyId = "one" }, SecurityAlgorithms.RsaSha256),
        });
    }
}
