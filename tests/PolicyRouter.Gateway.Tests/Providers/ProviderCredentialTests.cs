using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Secrets;
using Endpoint = PolicyRouter.Policies.Facts.Endpoint;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>Keys, and the tokens that identity services make.</summary>
public sealed class ProviderCredentialTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _files = [];

    public void Dispose() => _files.ForEach(File.Delete);

    [Fact]
    public async Task AnIdentityAtEntra_GivesATokenForAzureOpenAi()
    {
        StubIdentity identity = new((context, _) => Task.FromResult(context.Scopes.Single()));

        var credential = await Of(identity).GetAsync(Azure(), CancellationToken.None);

        Assert.Equal((true, true, "https://cognitiveservices.azure.com/.default"), (credential.IsAvailable, credential.IsToken, credential.Secret));
        Assert.False(await Of(identity).HasChangedAsync(Azure(), CancellationToken.None));
    }

    [Fact]
    public async Task NoIdentity_IsNoCredential() => Assert.False(
        (await Of(new StubIdentity(static (_, _) => throw new CredentialUnavailableException("none"))).GetAsync(Azure(), CancellationToken.None)).IsAvailable);

    [Fact]
    public async Task AnIdentityServiceThatHangs_IsNoCredential_OnceTheFirstTokenIsDue()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        StubIdentity identity = new(async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return "";
        });

        var getting = Of(identity).GetAsync(Azure(), CancellationToken.None).AsTask();
        await asked.Task;
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.False((await getting.WaitAsync(TimeSpan.FromSeconds(20))).IsAvailable);
    }

    [Fact]
    public async Task TheKeyOfAServiceAccount_IsExchangedForAToken_OnceForManyRequests()
    {
        using var rsa = RSA.Create(2048);
        var exchanges = 0;
        TokenValidationResult? assertion = null;
        await using var issuer = await ScriptedProvider.StartAsync(async http =>
        {
            exchanges++;
            var form = await http.Request.ReadFormAsync();
            assertion = await new JsonWebTokenHandler().ValidateTokenAsync(form["assertion"], new TokenValidationParameters
            {
                IssuerSigningKey = new RsaSecurityKey(rsa), ValidIssuer = "gateway@project.iam.gserviceaccount.com", ValidateAudience = false,
            });
            await http.Response.WriteAsJsonAsync(new { access_token = $"token-{exchanges}", expires_in = 3600, token_type = "Bearer" });
        });
        var path = Keep(KeyFile(rsa, new Uri(issuer.Url, "/token")));
        var credentials = Of();

        var first = await credentials.GetAsync(Vertex($"file:{path}"), CancellationToken.None);
        var second = await credentials.GetAsync(Vertex($"file:{path}"), CancellationToken.None);

        Assert.Equal((true, "token-1", "token-1"), (first.IsToken, first.Secret, second.Secret));
        Assert.True(assertion!.IsValid, assertion.Exception?.Message);
        Assert.Equal("https://www.googleapis.com/auth/cloud-platform", assertion.Claims["scope"]);
    }

    [Theory]
    [InlineData("canary-that-is-no-key")]
    [InlineData("{}")]
    [InlineData("""{"type":"service_account","client_email":"a@b","private_key":"canary","private_key_id":"1"}""")]
    [InlineData("""{"type":"authorized_user","client_id":"canary","client_secret":"s","refresh_token":"r"}""")]
    public async Task ASecretThatIsNoServiceAccount_IsNoCredential(string secret) =>
        Assert.False((await Of().GetAsync(Vertex($"file:{Keep(secret)}"), CancellationToken.None)).IsAvailable);

    [Fact]
    public async Task ATokenServiceThatRefuses_IsNoCredential()
    {
        using var rsa = RSA.Create(2048);
        await using var issuer = await ScriptedProvider.StartAsync(static http =>
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsJsonAsync(new { error = "invalid_grant" });
        });

        Assert.False((await Of().GetAsync(Vertex($"file:{Keep(KeyFile(rsa, issuer.Url))}"), CancellationToken.None)).IsAvailable);
    }

    private ProviderCredentials Of(TokenCredential? identity = null) => new(
        new SecretResolver(null, _time, NullLogger<SecretResolver>.Instance),
        new AzureTokens(identity ?? new StubIdentity(static (_, _) => throw new CredentialUnavailableException("none"))),
        new GoogleTokens(),
        _time);

    private string Keep(string text)
    {
        var path = Path.GetTempFileName();
        _files.Add(path);
        File.WriteAllText(path, text);
        return path;
    }

    private static string KeyFile(RSA key, Uri tokens) => JsonSerializer.Serialize(new
    {
        type = "service_account", project_id = "project", private_key_id = "1", private_key = key.ExportPkcs8PrivateKeyPem(),
        client_email = "gateway@project.iam.gserviceaccount.com", client_id = "1", token_uri = tokens,
    });

    private static Endpoint Azure() => Endpoints.At(new Uri("https://r.example"), WireFormat.AzureOpenAi) with { Credential = "identity:azure" };

    private static Endpoint Vertex(string credential) => Endpoints.At(new Uri("https://v.example/v1/projects/p/locations/l"), WireFormat.VertexGemini) with { Credential = credential };

    private sealed class StubIdentity(Func<TokenRequestContext, CancellationToken, Task<string>> token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(await token(requestContext, cancellationToken), DateTimeOffset.MaxValue);
    }
}
