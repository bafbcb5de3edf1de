using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Tests.Hosting;

namespace PolicyRouter.Gateway.Tests.Control;

public sealed class HistoryTests
{
    private static readonly Guid Known = Guid.Parse("0199a000-0000-7000-8000-000000000001");

    [Fact]
    public async Task Filters_ReachTheHistory_AndTheReadIsRecorded()
    {
        HistoryQuery? asked = null;
        await using var gateway = await GatewayUnderTest.StartAsync(history: query =>
        {
            asked = query;
            return new HistoryPage([], "next");
        });

        using var answer = await gateway.GetAsync(
            gateway.Control, "/api/decisions?from=2026-04-28T00:00:00Z&class=phi&outcome=deny&rule=F-1&limit=7", gateway.Token("auditor"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("next", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["nextCursor"]!.GetValue<string>());
        Assert.Equal(
            new HistoryQuery { From = new DateTimeOffset(2026, 4, 28, 0, 0, 0, TimeSpan.Zero), Class = "phi", Outcome = "deny", Rule = "F-1", Limit = 7 },
            asked);
        var read = Assert.IsType<HistoryRead>(Assert.Single(gateway.Recorded, static entry => entry is HistoryRead));
        Assert.Equal("tester", read.Reader);
        Assert.Contains("rule=F-1", read.Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?clas=phi", "did you mean `class`?")]
    [InlineData("?limit=501", "`limit` is a whole number from 1 to 500.")]
    [InlineData("?from=yesterday", "`from` is an instant")]
    [InlineData("?app=a&app=b", "`app` must be given once")]
    [InlineData("?text=outcom:deny", "did you mean `outcome`?")]
    public async Task WrongFilter_Is400_AndSaysWhatIsMeant(string query, string expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var answer = await gateway.GetAsync(gateway.Control, "/api/decisions" + query, gateway.Token("auditor"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(expected, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["title"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextOfASearch_ReachesTheHistory()
    {
        HistoryQuery? asked = null;
        await using var gateway = await GatewayUnderTest.StartAsync(history: query =>
        {
            asked = query;
            return new HistoryPage([], null);
        });

        using var answer = await gateway.GetAsync(gateway.Control, "/api/decisions?text=outcome:deny%20latency:%3E2s", gateway.Token("auditor"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("outcome:deny latency:>2s", asked?.Search?.ToString());
    }

    [Theory]
    [InlineData("auditor", HttpStatusCode.NoContent)]
    [InlineData("legal", HttpStatusCode.NoContent)]
    [InlineData("operator", HttpStatusCode.NoContent)]
    [InlineData("app", HttpStatusCode.Forbidden)]
    public async Task ReadElsewhere_IsRecordedAsItsReaders(string role, HttpStatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var answer = await PostReadAsync(gateway, """{"query":"console: class:phi","rows":50}""", gateway.Token(role));

        Assert.Equal(expected, answer);
        Assert.Equal(
            expected is HttpStatusCode.NoContent ? [("tester", "console: class:phi", 50)] : [],
            gateway.Recorded.OfType<HistoryRead>().Select(static read => (read.Reader, read.Query, read.Rows)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"query\":\"a\"}")]
    [InlineData("{\"query\":\"\",\"rows\":1}")]
    [InlineData("{\"query\":\"a\\u0000\",\"rows\":1}")]
    [InlineData("{\"query\":\"a\",\"rows\":-1}")]
    [InlineData("{\"query\":\"\\ud800\",\"rows\":1}")]
    public async Task ReadThatIsNone_Is400_AndRecordsNothing(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await PostReadAsync(gateway, body, gateway.Token("auditor")));
        Assert.Empty(gateway.Recorded.OfType<HistoryRead>());
    }

    private static async Task<HttpStatusCode> PostReadAsync(GatewayUnderTest gateway, string body, string token)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(gateway.Control, "/api/reads")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    [Fact]
    public async Task AuditorOfATenant_SeesThatTenantOnly()
    {
        HistoryQuery? asked = null;
        await using var gateway = await GatewayUnderTest.StartAsync(
            history: query =>
            {
                asked = query;
                return new HistoryPage([], null);
            },
            events: static id => id == Known ? [new RecordedEvent("request-decided", 3, Encoding.UTF8.GetBytes("""{"tenant":"north"}"""))] : []);
        string Auditor(string tenant) => gateway.Token(new Caller { App = "a", Tenant = tenant, Roles = ["auditor"] });

        using var list = await gateway.GetAsync(gateway.Control, "/api/decisions", Auditor("south"));
        using var foreign = await gateway.GetAsync(gateway.Control, $"/api/decisions/{Known}", Auditor("south"));
        using var unknown = await gateway.GetAsync(gateway.Control, $"/api/decisions/{Guid.Empty}", Auditor("south"));
        using var own = await gateway.GetAsync(gateway.Control, $"/api/decisions/{Known}", Auditor("north"));
        using var global = await gateway.GetAsync(gateway.Control, $"/api/decisions/{Known}", Auditor(""));

        Assert.Equal("south", asked?.Tenant);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal("""{"tenant":"north"}""", JsonNode.Parse(await global.Content.ReadAsStringAsync())!["events"]![0]!["event"]!.ToJsonString());
    }
}
