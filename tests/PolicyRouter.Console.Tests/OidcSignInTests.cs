using System.Net;
using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>Sign-in by an issuer over HTTP: authorization code with PKCE.</summary>
public sealed partial class OidcSignInTests
{
    [Fact]
    public async Task Person_SignsInByTheIssuer_AndReadsAreAskedOfTheGatewayWithTheirAccessToken()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await StartAsync(issuer, gateway);
        using Browser browser = new(console.Address);

        var page = await browser.OpenAsync("/?text=outcome%3Adeny");

        Assert.Equal("/", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains(Record.Refused.ToString(), await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var asked = Assert.Single(issuer.Asked);
        Assert.Equal(("S256", "https://gateway.example"), (asked["code_challenge_method"], asked["resource"]));
        Assert.Contains("history", asked["scope"].Split(' '));
        Assert.Equal(Assert.Single(issuer.AccessTokens), Assert.Single(gateway.Reads).Token);
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
        using Browser browser = new(console.Address) { LosesCookies = what == "cookies" };

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
        using Browser browser = new(console.Address);

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

    /// <summary>Follows redirections and forms that send themselves, and keeps secure cookies on loopback, as browsers do.</summary>
    private sealed partial class Browser(Uri console) : IDisposable
    {
        private const int MostSteps = 10;
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

        public bool LosesCookies { get; init; }

        public IReadOnlyCollection<string> Cookies => _cookies.Keys;

        public async Task<HttpResponseMessage> OpenAsync(string path)
        {
            var reply = await SendAsync(HttpMethod.Get, new Uri(console, path), null);
            for (var step = 0; step < MostSteps; step++)
            {
                var at = reply.RequestMessage!.RequestUri!;
                if (reply.Headers.Location is { } there)
                {
                    reply = await SendAsync(HttpMethod.Get, new Uri(at, there), null);
                }
                else if (at.Authority != console.Authority && Form().Match(await reply.Content.ReadAsStringAsync()) is { Success: true } form)
                {
                    var fields = Field().Matches(form.Value).ToDictionary(static field => field.Groups["name"].Value, static field => WebUtility.HtmlDecode(field.Groups["value"].Value));
                    reply = await SendAsync(HttpMethod.Post, new Uri(WebUtility.HtmlDecode(form.Groups["action"].Value)), new FormUrlEncodedContent(fields));
                }
                else
                {
                    return reply;
                }
            }

            throw new InvalidOperationException("The sign-in goes round and round.");
        }

        public void Dispose() => _http.Dispose();

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, HttpContent? content)
        {
            HttpRequestMessage request = new(method, address) { Content = content };
            if (address.Authority == console.Authority && _cookies.Count > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
            }

            var reply = await _http.SendAsync(request);
            foreach (var cookie in !LosesCookies && reply.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                var pair = cookie.Split(';')[0].Split('=', 2);
                _cookies.Remove(pair[0]);
                if (pair[1].Length > 0)
                {
                    _cookies[pair[0]] = pair[1];
                }
            }

            return reply;
        }

        [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]+)\">.*</form>")]
        private static partial Regex Form();

        [GeneratedRegex("name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"")]
        private static partial Regex Field();
    }
}
