using System.Net;
using PolicyRouter.Audit.Events;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

public class OtherPagesTests
{
    [Fact]
    public async Task Policies_ShowVersionsRulesMatrixCalendarAndProofs()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var console = await ConsoleUnderTest.SignedInAsync(
            "legal", policies: true,
            events:
            [
                new PolicyActivated { Id = Guid.CreateVersion7(), At = now, PolicyVersion = ConsoleUnderTest.ShippedVersion, PreviousVersion = "sha256:older", Node = "node-1" },
                new PolicyRejected { Id = Guid.CreateVersion7(), At = now, PolicyVersionInForce = "sha256:kept", Problems = ["policies/rules/core.yaml:3:1 PR012"], Node = "node-1" },
            ]);

        var page = WebUtility.HtmlDecode(await console.PageAsync("/policies?on=2026-12-31"));

        foreach (var expected in new[]
        {
            ConsoleUnderTest.ShippedVersion, "sha256:older", "policies/rules/core.yaml:3:1 PR012", "Who may go where", "Folder policies on 2026-12-31", "What may be sent", "F-HIPAA-BAA", "Because: ", "Sworn, and proved",
            "What will change by itself",
        })
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Draft_IsCheckedComparedAndReplayed()
    {
        var archive = TestFolder.Create("archive");
        try
        {
            ShippedPack.CopyTo(Path.Combine(archive, "draft"));
            var hipaa = Path.Combine(archive, "draft", "rules", "hipaa.yaml");
            await File.WriteAllTextAsync(hipaa, (await File.ReadAllTextAsync(hipaa)).Replace("effect: permit", "effect: permit\n    shadow: true", StringComparison.Ordinal));
            Directory.CreateDirectory(Path.Combine(archive, "broken"));
            await using var console = await ConsoleUnderTest.SignedInAsync("legal", policies: true, archive: archive);

            var draft = WebUtility.HtmlDecode(await console.PageAsync("/policies?policy=draft"));
            var impact = WebUtility.HtmlDecode(await console.PageAsync("/policies/impact?policy=draft"));
            var broken = WebUtility.HtmlDecode(await console.PageAsync("/policies?policy=broken"));

            Assert.Contains("What draft would change", draft, StringComparison.Ordinal);
            Assert.Contains("may no longer go to", draft, StringComparison.Ordinal);
            Assert.Contains("does not load", broken, StringComparison.Ordinal);
            Assert.Contains("2 decided again", impact, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(archive, recursive: true);
        }
    }

    [Fact]
    public async Task Impact_GroupsWhatChanges_WithSamples()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync("legal", policies: true);

        var page = WebUtility.HtmlDecode(await console.PageAsync("/policies/impact?policy=policies&last=100"));

        Assert.Contains("2 decided again", page, StringComparison.Ordinal);
        Assert.Contains($"/decisions/{Record.Permitted}?policy=policies#again", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Integrity_ShowsSizesGapsAndReads_TheReadsToAuditorsOfEveryTenantOnly()
    {
        AuditEvent[] events = [Record.Permit(), Record.Permit(), new HistoryRead { Id = Guid.CreateVersion7(), At = TimeProvider.System.GetUtcNow(), Reader = "dora", Query = "class=phi", Rows = 7 }];
        await using var console = await ConsoleUnderTest.SignedInAsync(events: events);
        await using var legal = await ConsoleUnderTest.SignedInAsync("legal", events: events);
        await using var bounded = await ConsoleUnderTest.SignedInAsync("auditor", "default", events: events);

        var whole = await console.PageAsync("/integrity");
        await Sql.ExecuteAsync(console.Database, "DELETE FROM audit.mt_events WHERE version = 1");
        var broken = await console.PageAsync("/integrity");

        Assert.Contains("3 entries in 1 shards", whole, StringComparison.Ordinal);
        Assert.Contains("no gaps", whole, StringComparison.Ordinal);
        Assert.Contains("dora", whole, StringComparison.Ordinal);
        Assert.Contains("head says 3, stored 2, hashed 3", broken, StringComparison.Ordinal);
        Assert.DoesNotContain("dora", await legal.PageAsync("/integrity"), StringComparison.Ordinal);
        Assert.DoesNotContain("dora", await bounded.PageAsync("/integrity"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resilience_ShowsLiveHealthByDomain_AndWhatIsLeftWhenOneIsLost()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        gateway.Deployments = """
            {"node":"n1","policyVersion":"sha256:1","deployments":[
             {"id":"one","provider":"p","model":"m","status":"approved","isSuspended":false,"hasEndpoint":true,"failureDomains":["cloud-a"],"health":{"breaker":"open","firstByteMs":12.5,"averages":{"firstTokenMs":{"now":900.5,"usual":200,"samples":12},"errors":{"now":0,"usual":null,"samples":3}}}},
             {"id":"two","provider":"p","model":"m","status":"approved","isSuspended":true,"hasEndpoint":true,"failureDomains":["cloud-a","cloud-b"],"health":null}]}
            """;
        await using var console = await ConsoleUnderTest.SignedInAsync("operator", gateway: gateway, policies: true);

        var page = await console.PageAsync("/resilience?lost=entra-id");
        gateway.Deployments = "[]";
        var broken = await console.PageAsync("/resilience");

        foreach (var expected in new[] { "cloud-a", "cloud-b", "breaker open", "suspended", "breaker open, firstByteMs 12.5", "never tried", "time to the first token", "900.5 ms", "not known yet", "1 of 2 averages are more than twice the usual", "Left without entra-id", "flows have nobody left" })
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }

        Assert.Contains("cannot be read", WebUtility.HtmlDecode(broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_EndsTheSignIn()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();

        using var left = await console.PostAsync("/", "/sign-out", []);
        using var after = await console.GetAsync("/");

        Assert.Equal("/sign-in", left.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }
}
