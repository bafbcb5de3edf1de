using System.Net;
using System.Text.Json.Nodes;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Tests.Hosting;

namespace PolicyRouter.Gateway.Tests.Control;

/// <summary>Sums over HTTP: for auditors, of their tenant, recorded as read, with how far behind they are.</summary>
public sealed class SumTests
{
    private static readonly DateTimeOffset Noon = new(2026, 4, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Day = new(2026, 4, 28);

    [Fact]
    public async Task Usage_IsBoundByTheReadersTenant_SaysHowFarBehindItIs_AndTheReadIsRecorded()
    {
        UsageQuery? asked = null;
        await using var gateway = await GatewayUnderTest.StartAsync(usage: query =>
        {
            asked = query;
            UsageRow row = new(Day, "st-mary", "triage", "clinical-chat", "azure-eastus", "USD", 3, new Dictionary<string, long> { ["completed"] = 2, ["failed"] = 1 }, 300, 90, 0, 0, 1_500, 0);
            return new SumPage<UsageRow>([row], "next", new ProjectionStanding(ProjectionNames.Usage, 7, Noon));
        });

        using var answer = await gateway.GetAsync(
            gateway.Control, "/api/usage?from=2026-04-28&to=2026-04-29&app=triage&limit=2", gateway.Token(new Caller { App = "tester", Tenant = "st-mary", Roles = ["auditor"] }));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(new UsageQuery(Day, Day.AddDays(1)) { Tenant = "st-mary", App = "triage", Limit = 2 }, asked);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((2, "next", 7), (body["rows"]![0]!["ended"]!["completed"]!.GetValue<int>(), body["nextCursor"]!.GetValue<string>(), body["eventsBehind"]!.GetValue<int>()));
        Assert.Equal(Noon, body["asOf"]!.GetValue<DateTimeOffset>());
        var read = Assert.IsType<HistoryRead>(Assert.Single(gateway.Recorded, static entry => entry is HistoryRead));
        Assert.Equal(("tester", "usage?from=2026-04-28&to=2026-04-29&app=triage&limit=2", 1), (read.Reader, read.Query, read.Rows));
    }

    [Fact]
    public async Task Disclosures_AreBoundByTheReadersTenant_AndAProviderThatNobodyHas_IsNobody()
    {
        List<DisclosureQuery> asked = [];
        await using var gateway = await GatewayUnderTest.StartAsync(disclosures: query =>
        {
            asked.Add(query);
            return new SumPage<DisclosureRow>([new(Day, "st-mary", "triage", "azure-eastus", "phi", 5, Noon, Noon)], null, new ProjectionStanding(ProjectionNames.Disclosures, 0, Noon));
        });
        var token = gateway.Token(new Caller { App = "tester", Tenant = "st-mary", Roles = ["auditor"] });

        using var byClass = await gateway.GetAsync(gateway.Control, "/api/disclosures?from=2026-04-01&to=2026-05-01&class=phi&deployment=azure-eastus", token);
        using var byProvider = await gateway.GetAsync(gateway.Control, "/api/disclosures?from=2026-04-01&to=2026-05-01&provider=nobody", token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (byClass.StatusCode, byProvider.StatusCode));
        Assert.Equal(("st-mary", "phi", "azure-eastus"), (asked[0].Tenant, asked[0].Class, Assert.Single(asked[0].Deployments!)));
        Assert.Empty(asked[1].Deployments!);
        Assert.Equal(5, JsonNode.Parse(await byClass.Content.ReadAsStringAsync())!["rows"]![0]!["sends"]!.GetValue<int>());
        Assert.Equal(2, gateway.Recorded.OfType<HistoryRead>().Count());
    }

    [Theory]
    [InlineData("/api/usage?from=2026-04-28", "`from` and `to` are days")]
    [InlineData("/api/usage?from=2026-04-28&to=2026-04-28", "`to` is the day after the last")]
    [InlineData("/api/usage?from=2026-04-28&to=2026-04-29&clas=phi", "A filter is not known")]
    [InlineData("/api/disclosures?from=2026-04-28&to=2026-04-29&clas=phi", "did you mean `class`?")]
    [InlineData("/api/disclosures?from=2026-04-28&to=2026-04-29&limit=0", "`limit` is a whole number from 1 to 500.")]
    [InlineData("/api/policy?at=yesterday", "`at` is an instant")]
    public async Task WrongFilter_Is400_AndSaysWhatIsMeant(string path, string expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var answer = await gateway.GetAsync(gateway.Control, path, gateway.Token("auditor"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["title"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/usage?from=2026-04-28&to=2026-04-29")]
    [InlineData("/api/disclosures?from=2026-04-28&to=2026-04-29")]
    public async Task Sums_AreForAuditors(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var role in (string[])["app", "legal", "operator"])
        {
            using var answer = await gateway.GetAsync(gateway.Control, path, gateway.Token(role));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task PolicyOfATime_IsThatOfEveryNode_AndTheReadIsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policiesAt: at => at == Noon ? [new PolicyInForce("gateway-1", "node/1", "sha256:4f", Noon.AddDays(-3))] : []);

        using var answer = await gateway.GetAsync(gateway.Control, "/api/policy?at=2026-04-28T12:00:00Z", gateway.Token("legal"));

        var inForce = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["inForce"]![0]!;
        Assert.Equal(("gateway-1", "sha256:4f"), (inForce["shard"]!.GetValue<string>(), inForce["policyVersion"]!.GetValue<string>()));
        Assert.Single(gateway.Recorded, static entry => entry is HistoryRead { Rows: 1 });
    }
}
