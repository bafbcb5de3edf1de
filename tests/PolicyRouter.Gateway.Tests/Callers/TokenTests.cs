using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Tests.Hosting;

namespace PolicyRouter.Gateway.Tests.Callers;

/// <summary>A host without a policy answers 503 <c>policy_unavailable</c> to whoever gets past the token check, and 401 to all others.</summary>
public sealed class TokenTests
{
    private const HttpStatusCode Accepted = HttpStatusCode.ServiceUnavailable;

    [Fact]
    public async Task GoodToken_IsAccepted_TwiceAndTheSecondTimeFromTheCache()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        var token = TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow()));

        for (var time = 0; time < 2; time++)
        {
            using var answer = await gateway.ModelsAsync(token);
            Assert.Equal(Accepted, answer.StatusCode);
            Assert.Contains("policy_unavailable", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TokenForSeveralAudiences_IsAccepted_WhenOursIsOneOfThem()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        var several = issuer.Descriptor(gateway.Time.GetUtcNow());
        several.Audience = null;
        several.Claims["aud"] = new[] { "https://other.example", TestIssuer.Audience };

        using var answer = await gateway.ModelsAsync(TestIssuer.Sign(several));

        Assert.Equal(Accepted, answer.StatusCode);
    }

    public static TheoryData<string> HostileTokens() =>
    [
        "none", "hs256-with-public-key", "kid-injection", "unknown-key-same-kid", "embedded-jwk", "jku", "wrong-typ", "id-token", "expired", "not-yet",
        "wrong-audience", "audiences-of-others", "no-audience", "wrong-issuer", "no-expiry", "crit", "tampered", "garbage", "malformed-roles", "empty-sub", "no-kid", "too-long",
    ];

    [Theory]
    [MemberData(nameof(HostileTokens))]
    public async Task HostileToken_IsRefusedWith401_AndNoPartOfItComesBack(string attack)
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        var token = Hostile(attack, issuer, gateway.Time.GetUtcNow());

        using var answer = await gateway.ModelsAsync(token);
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("invalid_token", JsonNode.Parse(body)!["error"]!["code"]!.GetValue<string>());
        Assert.DoesNotContain(token[..Math.Min(token.Length, 12)], body, StringComparison.Ordinal);
    }

    private static string Hostile(string attack, TestIssuer issuer, DateTimeOffset now)
    {
        var good = issuer.Descriptor(now);
        var stranger = RSA.Create(2048);
        switch (attack)
        {
            case "none":
                return WithHeader(TestIssuer.Sign(good), header => header["alg"] = "none", dropSignature: true);
            case "hs256-with-public-key":
                var publicKey = Encoding.ASCII.GetBytes(issuer["first"].ExportSubjectPublicKeyInfoPem());
                good.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(publicKey) { KeyId = "first" }, SecurityAlgorithms.HmacSha256);
                break;
            case "kid-injection":
                good = issuer.Descriptor(now, "../../dev/null' OR 1=1 --", stranger);
                break;
            case "unknown-key-same-kid":
                good = issuer.Descriptor(now, "first", stranger);
                break;
            case "embedded-jwk":
                good = issuer.Descriptor(now, "own", stranger);
                var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(stranger.ExportParameters(false)) { KeyId = "own" });
                good.AdditionalHeaderClaims = new Dictionary<string, object>
                {
                    ["jwk"] = new Dictionary<string, object> { ["kty"] = "RSA", ["n"] = jwk.N, ["e"] = jwk.E },
                };
                break;
            case "jku":
                good = issuer.Descriptor(now, "own", stranger);
                good.AdditionalHeaderClaims = new Dictionary<string, object> { ["jku"] = issuer.Url + "/keys" };
                break;
            case "wrong-typ":
                good.TokenType = "JWT";
                break;
            case "id-token":
                good.TokenType = null;
                break;
            case "expired":
                good.NotBefore = good.IssuedAt = now.UtcDateTime.AddMinutes(-10);
                good.Expires = now.UtcDateTime.AddSeconds(-31);
                break;
            case "not-yet":
                good.NotBefore = now.UtcDateTime.AddSeconds(32);
                break;
            case "wrong-audience":
                good.Audience = "https://other.example";
                break;
            case "audiences-of-others":
                good.Audience = null;
                good.Claims["aud"] = new[] { "https://other.example", TestIssuer.Audience + "/other", TestIssuer.Audience.ToUpperInvariant() };
                break;
            case "no-audience":
                good.Audience = null;
                break;
            case "wrong-issuer":
                good.Issuer = "https://other.example";
                break;
            case "no-expiry":
                good.Expires = null;
                break;
            case "crit":
                good.AdditionalHeaderClaims = new Dictionary<string, object> { ["crit"] = new[] { "exp" } };
                break;
            case "tampered":
                var parts = TestIssuer.Sign(good).Split('.');
                var payload = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!;
                payload["roles"] = new JsonArray("app", "auditor");
                return $"{parts[0]}.{Base64UrlEncoder.Encode(payload.ToJsonString())}.{parts[2]}";
            case "garbage":
                return "not.a.token-at-all";
            case "malformed-roles":
                good.Claims["roles"] = new Dictionary<string, object> { ["app"] = true };
                break;
            case "empty-sub":
                good.Claims["sub"] = "";
                break;
            case "no-kid":
                good.SigningCredentials = new SigningCredentials(new RsaSecurityKey(issuer["first"].ExportParameters(true)), SecurityAlgorithms.RsaSha256);
                break;
            case "too-long":
                good.Claims["padding"] = new string('x', CallerTokenHandler.MaxTokenBytes);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(attack));
        }

        return TestIssuer.Sign(good);
    }

    private static string WithHeader(string token, Action<JsonNode> change, bool dropSignature)
    {
        var parts = token.Split('.');
        var header = JsonNode.Parse(Base64UrlEncoder.Decode(parts[0]))!;
        change(header);
        return $"{Base64UrlEncoder.Encode(header.ToJsonString())}.{parts[1]}.{(dropSignature ? "" : parts[2])}";
    }

    [Fact]
    public async Task TokenSeenBefore_IsRefusedOnceItHasExpired()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        var token = TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow()));
        using var before = await gateway.ModelsAsync(token);

        gateway.Time.Advance(TimeSpan.FromMinutes(31));
        using var after = await gateway.ModelsAsync(token);

        Assert.Equal(Accepted, before.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task NewKey_IsTrustedAtItsFirstToken()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        gateway.Time.Advance(IssuerKeys.BetweenFetches);
        issuer.AddKey("second");

        using var answer = await gateway.ModelsAsync(TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow(), "second")));

        Assert.Equal(Accepted, answer.StatusCode);
    }

    [Fact]
    public async Task WithdrawnKey_IsRefusedAfterFifteenMinutes_EvenForATokenSeenBefore()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        issuer.AddKey("second");
        var token = TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow()));
        using var before = await gateway.ModelsAsync(token);
        issuer.Withdraw("first");

        gateway.Time.Advance(IssuerKeys.RenewAfter);
        using var after = await gateway.ModelsAsync(token);

        Assert.Equal(Accepted, before.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task FloodOfUnknownKeys_ReadsTheKeySetAtMostOnceMore()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        gateway.Time.Advance(IssuerKeys.BetweenFetches);
        var now = gateway.Time.GetUtcNow();
        using var stranger = RSA.Create(2048);
        var tokens = Enumerable.Range(0, 1_000).Select(number => TestIssuer.Sign(issuer.Descriptor(now, $"kid-{number}", stranger))).ToArray();

        await Parallel.ForEachAsync(tokens, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (token, _) =>
        {
            using var answer = await gateway.ModelsAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        });

        Assert.InRange(issuer.KeySetReads, 1, 2);
    }

    public static TheoryData<string> BrokenIssuers() => ["down", "redirect", "huge", "garbage"];

    [Theory]
    [MemberData(nameof(BrokenIssuers))]
    public async Task IssuerThatWasNeverReached_Is503WithRetryAfter_AndRecovers(string fault)
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Instead = http => BreakAsync(http, fault);
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        var token = TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow()));

        using var refused = await gateway.ModelsAsync(token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("issuer_unavailable", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);

        issuer.Instead = null;
        gateway.Time.Advance(IssuerKeys.BetweenFetches);
        using var later = await gateway.ModelsAsync(token);
        Assert.Contains("policy_unavailable", await later.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeWithoutKeys_IsNotReady_UntilItHasThem_WhichItAsksForByItself()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Instead = static http => BreakAsync(http, "down");
        await using var gateway = await GatewayUnderTest.StartAsync(issuer, policy: ShippedPolicies.Snapshot);

        using var without = await gateway.GetAsync(gateway.Data, "/readyz", null);
        issuer.Instead = null;
        gateway.Time.Advance(IssuerKeys.BetweenFetches);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        HttpStatusCode status;
        do
        {
            // Nobody sends it a request: it is not ready.
            using var ready = await gateway.GetAsync(gateway.Data, "/readyz", null);
            status = ready.StatusCode;
            patience.Token.ThrowIfCancellationRequested();
        }
        while (status != HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, without.StatusCode);
        Assert.Equal(1, issuer.KeySetReads);

        issuer.Instead = static http => BreakAsync(http, "down");
        gateway.Time.Advance(IssuerKeys.GoodWithoutIssuer);
        using var tooLong = await gateway.GetAsync(gateway.Data, "/readyz", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, tooLong.StatusCode);
    }

    private static Task BreakAsync(HttpContext http, string fault)
    {
        switch (fault)
        {
            case "down":
                http.Response.StatusCode = 500;
                return Task.CompletedTask;
            case "redirect":
                http.Response.Redirect("/keys");
                return Task.CompletedTask;
            case "huge":
                return http.Response.WriteAsync($"{{\"issuer\":\"{new string('x', IssuerDocuments.MaxDocumentBytes)}\"}}");
            default:
                return http.Response.WriteAsync("<html>");
        }
    }

    [Fact]
    public async Task IssuerThatWentAway_LeavesItsKeysGoodForFourHours()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(issuer);
        issuer.Instead = static http => BreakAsync(http, "down");

        gateway.Time.Advance(TimeSpan.FromHours(3));
        using var within = await gateway.ModelsAsync(TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow())));
        gateway.Time.Advance(TimeSpan.FromHours(1));
        using var beyond = await gateway.ModelsAsync(TestIssuer.Sign(issuer.Descriptor(gateway.Time.GetUtcNow())));

        Assert.Contains("policy_unavailable", await within.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("issuer_unavailable", await beyond.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevelopmentToken_IsTrustedInDevelopment_AndWithAnotherKeyIsNot()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var foreign = new DevelopmentTokens(other, gateway.Time).Create(new Caller { App = "x", Roles = ["app"] }, TimeSpan.FromHours(1));

        using var own = await gateway.ModelsAsync(gateway.Token("app"));
        using var strange = await gateway.ModelsAsync(foreign);

        Assert.Equal(Accepted, own.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, strange.StatusCode);
    }

    [Fact]
    public void Caller_IsReadFromStringsAndLists()
    {
        var payload = Base64UrlEncoder.Encode(
            """{"sub":"a","tenant":"t","roles":"app","data_class_floor":["phi","pii","phi"],"purposes":["treatment"],"data_subjects":"us"}""");

        var caller = CallerClaims.Read(payload);

        Assert.NotNull(caller);
        Assert.Equal(("a", "t"), (caller.App, caller.Tenant));
        Assert.Equal(["app"], caller.Roles);
        Assert.Equal(["phi", "pii"], caller.FloorClasses);
        Assert.Equal(["treatment"], caller.Purposes);
        Assert.Equal(["us"], caller.DataSubjects);
    }

    [Theory]
    [InlineData("""{"roles":"app"}""")]
    [InlineData("""{"sub":"a","roles":[1]}""")]
    [InlineData("""{"sub":"a","roles":null}""")]
    [InlineData("""{"sub":"a","sub":"b"}""")]
    [InlineData("""{"sub":"a","data_class_floor":{}}""")]
    [InlineData("""{"sub":"a\nb"}""")]
    [InlineData("""["sub"]""")]
    public void MalformedClaims_AreNoCaller(string payload) => Assert.Null(CallerClaims.Read(Base64UrlEncoder.Encode(payload)));
}
