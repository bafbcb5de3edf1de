using Microsoft.IdentityModel.JsonWebTokens;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>Sign-in by an issuer over HTTP: authorization code with PKCE.</summary>
public sealed class OidcSignInTests
{
    [Fact]
    public async Task Person_SignsInByTheIssuer_AndReadsAreAskedOfTheGatewayWithTheirAccessToken()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await StartAsync(issuer, gateway);
        using SignInBrowser browser = new(console.Address);

        var page = await browser.OpenAsync("/?text=outcome%3Adeny");

        Assert.Equal("/", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains(Record.Refused.ToString(), await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var asked = Assert.Single(issuer.Asked);
        Assert.Equal(("S256", "https://gateway.example"), (asked["code_challenge_method"], asked["resource"]));
        Assert.Contains("history", asked["scope"].Split(' '));
        Assert.Equal(Assert.Single(issuer.AccessTokens), Assert.Single(gateway.Reads).Token);
        Assert.Equal(["https://gateway.example"], new JsonWebToken(issuer.AccessTokens.Single()).Audiences);
        Assert.Contains("__Host-policyrouter-console", browser.Cookies);
        Assert.DoesNotContain(issuer.AccessTokens.Single(), await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("nonce")]
    [InlineData("cookies")]
    public async Task SignInThatDoesNotHold_LetsNobodyIn_AndSaysSo(string what)
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.SignsWithAnotherKey = what == "key";
        issuer.ChangesNonce = what == "nonce";
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await StartAsync(issuer, gateway);
        using SignInBrowser browser = new(console.Address) { LosesCookies = what == "cookies" };

        var page = await browser.OpenAsync("/");

        Assert.Equal("/sign-in", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains("The sign-in did not succeed", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("__Host-policyrouter-console", browser.Cookies);
        Assert.Empty(gateway.Reads);
    }

    [Fact]
    public async Task PersonWithoutARole_IsToldSo_AndNotAskedForADevelopmentToken()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        issuer.Roles = ["app"];
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await StartAsync(issuer, gateway);
        using SignInBrowser browser = new(console.Address);

        var page = await (await browser.OpenAsync("/")).Content.ReadAsStringAsync();

        Assert.Contains("whose roles do not allow that page", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Development token", page, StringComparison.Ordinal);
        Assert.Empty(gateway.Reads);
    }

    private static async Task<ConsoleHost> StartAsync(OidcIssuer issuer, ControlPlaneDouble gateway)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await ConsoleUnderTest.AppendAsync(database, [Record.Permit(Record.Permitted), Record.Deny(Record.Refused)]);
        return await ConsoleHost.StartAsync(
            new ConsoleSettings
            {
                Urls = [new Uri("http://127.0.0.1:0")], ConnectionString = database, LogToConsole = false, Gateway = gateway.Address,
                Oidc = new OidcSettings(issuer.Address, OidcIssuer.ClientId, OidcIssuer.ClientSecret, ["history"], "https://gateway.example"),
            },
            TimeProvider.System,
            CancellationToken.None);
    }
}
