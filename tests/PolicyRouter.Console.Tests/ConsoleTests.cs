using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace PolicyRouter.WebConsole.Tests;

public partial class ConsoleTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/decisions/019a0000-0000-7000-8000-000000000001")]
    [InlineData("/no-such-page")]
    public async Task Stranger_IsSentToSignIn(string path)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        using var reply = await console.GetAsync(path);

        Assert.Equal(HttpStatusCode.Redirect, reply.StatusCode);
        Assert.StartsWith("/sign-in", reply.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auditor")]
    [InlineData("legal")]
    [InlineData("operator")]
    public async Task SignedIn_SeesDecisionsNewestFirst_AndOneOfThemWhole(string role)
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var signedIn = await console.SignInAsync(console.Token(role));
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);

        var list = await (await console.GetAsync("/")).Content.ReadAsStringAsync();
        var one = await (await console.GetAsync($"/decisions/{Record.Permitted}")).Content.ReadAsStringAsync();

        Assert.True(
            list.IndexOf(Record.Refused.ToString(), StringComparison.Ordinal) < list.IndexOf(Record.Permitted.ToString(), StringComparison.Ordinal));
        Assert.Contains("deny: no_permitted_provider", list, StringComparison.Ordinal);
        Assert.Contains("claude-anthropic", one, StringComparison.Ordinal);
        Assert.Contains("F-HIPAA-BAA", one, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_NarrowTheList_AndSayWhenNothingMatches()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var signedIn = await console.SignInAsync(console.Token("auditor"));

        var denied = await (await console.GetAsync("/?outcome=deny")).Content.ReadAsStringAsync();
        var nothing = await (await console.GetAsync("/?app=nobody")).Content.ReadAsStringAsync();

        Assert.Contains(Record.Refused.ToString(), denied, StringComparison.Ordinal);
        Assert.DoesNotContain(Record.Permitted.ToString(), denied, StringComparison.Ordinal);
        Assert.Contains("No decision matches this filter", nothing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinkThatContinuesNoList_SaysSo()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var signedIn = await console.SignInAsync(console.Token("auditor"));

        using var reply = await console.GetAsync("/?cursor=nonsense");

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Contains("does not continue a list", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_MayNotReadHistory()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var signedIn = await console.SignInAsync(console.Token("app"));

        using var reply = await console.GetAsync("/");

        Assert.Equal(HttpStatusCode.Redirect, reply.StatusCode);
        Assert.StartsWith("/sign-in", reply.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenOfAnotherKey_OrAnExpiredOne_IsRefused()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        foreach (var token in new[] { console.Token("auditor", stranger), console.Token("auditor", age: TimeSpan.FromHours(1)), "nonsense" })
        {
            using var refused = await console.SignInAsync(token);

            Assert.Equal("/sign-in?refused=true", refused.Headers.Location!.ToString());
        }
    }

    [Theory]
    [InlineData("/?text=outcome%3Adeny&last=7d", "/?text=outcome%3Adeny&last=7d")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("https://evil.example/", "/")]
    public async Task SignIn_LeadsBackToThePageThatAskedForIt_AndNowhereElse(string asked, string leadsTo)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        using var signedIn = await console.PostAsync("/sign-in", "/sign-in", [], ("token", console.Token("auditor")), ("returnTo", asked));

        Assert.Equal(leadsTo, signedIn.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Pages_AllowTheirOwnScriptOnly_AndShowHostileTextAsText()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var signedIn = await console.SignInAsync(console.Token("auditor"));

        using var reply = await console.GetAsync("/");
        var page = await reply.Content.ReadAsStringAsync();

        var policy = reply.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'", policy);
        Assert.Equal(["<script src=\"/console.js\""], Script().Matches(page).Select(static match => match.Value));
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.True(reply.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task SettingsWithoutAWayToSignIn_AreRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => ConsoleHost.StartAsync(
            new ConsoleSettings { Urls = [new Uri("http://127.0.0.1:0")], ConnectionString = "Host=none" }, TimeProvider.System, CancellationToken.None));
    }

    [Fact]
    public async Task ProductionWithoutAGateway_IsRefused_BecauseNobodyWouldRecordReads()
    {
        ConsoleSettings settings = new()
        {
            Urls = [new Uri("http://127.0.0.1:0")], ConnectionString = "Host=none", Oidc = new OidcSettings(new Uri("https://issuer.example"), "console", null, [], null),
        };

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => ConsoleHost.StartAsync(settings, TimeProvider.System, CancellationToken.None));

        Assert.Contains("records who reads what", refusal.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("<script( [^ >]*)?")]
    private static partial Regex Script();
}
