using System.Net;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>The headers that tell a browser what it may do with an answer, on every kind of answer.</summary>
public class EveryAnswerTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("auditor")]
    public async Task EveryAddress_AnswersWithTheHeaders_AsWhoeverAsks_AndByWhateverMethod(string? role)
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = role is null ? await ConsoleUnderTest.StartAsync(gateway, policies: true) : await ConsoleUnderTest.SignedInAsync(role, gateway: gateway, policies: true);
        HashSet<HttpStatusCode> statuses = [];
        foreach (var path in console.Addresses.Select(static address => address.Path).Append("/no-such-page").Append("/report/download?format=html&from=2026-01-01T00:00&to=2096-01-01T00:00").Distinct())
        {
            foreach (var method in new[] { "GET", "HEAD", "POST", "DELETE" })
            {
                using var answer = await console.SendAsync(method, path, method == "POST" ? new FormUrlEncodedContent([]) : null);
                AssertProtected(answer, $"{method} {path}: {answer.StatusCode}");
                statuses.Add(answer.StatusCode);
            }
        }

        // Of each kind: a page, a redirection, a form that is refused; for people who are known also a method that is none.
        Assert.Empty(new[] { HttpStatusCode.OK, HttpStatusCode.Redirect, HttpStatusCode.BadRequest, role is null ? HttpStatusCode.OK : HttpStatusCode.MethodNotAllowed }.Except(statuses));
    }

    [Fact]
    public async Task Files_HaveThem()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway);
        foreach (var format in new[] { "csv", "ndjson" })
        {
            using var file = await console.PostAsync("/", "/export", [], ("format", format), ("query", ""));
            Assert.Equal("attachment", file.Content.Headers.ContentDisposition?.DispositionType);
            AssertProtected(file, format);
        }
    }

    [Fact]
    public async Task BodyThatIsTooLarge_IsRefused_WithThem()
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        using var answer = await console.SendAsync("POST", "/sign-in", new FormUrlEncodedContent([KeyValuePair.Create("token", new string('a', 2_000_000))]));

        Assert.True(answer.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest, answer.StatusCode.ToString());
        AssertProtected(answer, "too large");
    }

    [Fact]
    public async Task FailureThatNothingElseCaught_Is500_WithThem_AndWithoutDetail()
    {
        Uri away;
        await using (var issuer = await OidcIssuer.StartAsync())
        {
            away = issuer.Address;
        }

        await using var console = await ConsoleHost.StartAsync(
            new ConsoleSettings
            {
                Urls = [new Uri("http://127.0.0.1:0")], ConnectionString = "Host=unused", LogToConsole = false, Gateway = away,
                Oidc = new OidcSettings(away, OidcIssuer.ClientId, OidcIssuer.ClientSecret, [], null),
            },
            TimeProvider.System,
            CancellationToken.None);
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

        using var answer = await http.GetAsync(console.Address);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        AssertProtected(answer, "failure");
        Assert.Contains("This cannot be shown now", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        Assert.DoesNotContain(away.Authority, text, StringComparison.Ordinal);
    }

    private static void AssertProtected(HttpResponseMessage answer, string what)
    {
        foreach (var (name, expected) in new[]
        {
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        })
        {
            Assert.Equal($"{what}: {name}: {expected}", $"{what}: {name}: {(answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null)}");
        }

        Assert.True(answer.Headers.CacheControl?.NoStore, what);
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Server"), what);
    }
}
