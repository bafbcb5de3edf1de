using System.Net;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Testing;
using PolicyRouter.WebConsole;

namespace PolicyRouter.EndToEnd.Tests.Interop;

/// <summary>An issuer that we did not write: its tokens at the gateway, its sign-in at the console.</summary>
public sealed class CertifiedIssuerTests : IAsyncLifetime
{
    private string? _missing;

    public async Task InitializeAsync() => _missing = await CertifiedIssuer.MissingAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [SkippableFact]
    public async Task AppsToken_IsAccepted_AlsoByAKeyThatTheIssuerBeganWithLater()
    {
        Skip.If(_missing is not null, _missing);
        await using var issuer = await CertifiedIssuer.StartAsync();
        FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using var gateway = await StartAsync(issuer, time);
        var first = await issuer.TokenAsync();
        var answered = await AskAsync(gateway, first);

        await issuer.RotateAsync("second");
        // The keys were fetched a moment ago: an unknown one is asked for once ten seconds are over.
        time.Advance(TimeSpan.FromSeconds(11));
        var second = await issuer.TokenAsync();

        Assert.Equal(("first", "second"), (new JsonWebToken(first).Kid, new JsonWebToken(second).Kid));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(gateway, second)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(gateway, first)).Status);
        Assert.Equal(HttpStatusCode.OK, answered.Status);
        Assert.Equal("ward-notes", (await gateway.DecidedAsync(answered.DecisionId)).GetProperty("app").GetString());
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData("https://elsewhere.example")]
    public async Task AppsTokenForSomethingElse_IsRefused(string? resource)
    {
        Skip.If(_missing is not null, _missing);
        await using var issuer = await CertifiedIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer, TimeProvider.System);

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(gateway, await issuer.TokenAsync(resource))).Status);
        Assert.All(gateway.Fleet.Providers, static provider => Assert.Empty(provider.Received));
    }

    [SkippableFact]
    public async Task Person_SignsInAtTheConsole_AndTheGatewayRecordsTheReadsInTheirName()
    {
        Skip.If(_missing is not null, _missing);
        await using var issuer = await CertifiedIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer, TimeProvider.System);
        var reply = await AskAsync(gateway, await issuer.TokenAsync());
        await using var console = await ConsoleHost.StartAsync(
            new ConsoleSettings
            {
                Urls = [new Uri("http://127.0.0.1:0")], ConnectionString = gateway.Stack.ConnectionString, LogToConsole = false, Gateway = gateway.ControlPlane,
                Oidc = new OidcSettings(issuer.Address, CertifiedIssuer.Console, CertifiedIssuer.ConsoleSecret, ["history"], CertifiedIssuer.Gateway),
            },
            TimeProvider.System,
            CancellationToken.None);
        await issuer.RegisterAsync(console.Address);
        using SignInBrowser browser = new(console.Address, new Dictionary<string, string> { ["login"] = "carla", ["password"] = "any" });

        var page = await browser.OpenAsync($"/decisions/{reply.DecisionId}");
        var text = await page.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal($"/decisions/{reply.DecisionId}", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains("ward-notes", text, StringComparison.Ordinal);
        Assert.Contains("carla", text, StringComparison.Ordinal);
        await using var history = AuditHistory.Open(gateway.Stack.ConnectionString + ";Pooling=false");
        var reads = await history.NoticesAsync([EventTypes.HistoryRead], 10, CancellationToken.None);
        Assert.Contains(reads.OfType<HistoryRead>(), read => read.Reader == "carla" && read.Query.Contains(reply.DecisionId.ToString(), StringComparison.Ordinal));
    }

    private static Task<GatewayUnderTest> StartAsync(CertifiedIssuer issuer, TimeProvider time) => GatewayUnderTest.StartAsync(options =>
    {
        options.Time = time;
        options.Settings = _ => new() { ["Authentication:Authority"] = issuer.Address.ToString(), ["Authentication:Audience"] = CertifiedIssuer.Gateway };
    });

    private static Task<Reply> AskAsync(GatewayUnderTest gateway, string token) =>
        gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise the chart."), headers: ("Authorization", $"Bearer {token}"));
}
