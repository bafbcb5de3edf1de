using System.Net;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>What the console itself shows to be in the log, unaltered.</summary>
public class VerificationTests
{
    [Fact]
    public async Task DecisionPage_ProvesItsEntriesAgainstTheSignedCheckpoint()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync(events: [Record.Permit(Record.Permitted), Record.End(Record.Permitted), Record.Deny()]);

        var page = await console.PageWhenItShowsAsync($"/decisions/{Record.Permitted}", "Verified:");

        Assert.Contains("Each entry's path to the root of a signed checkpoint", page, StringComparison.Ordinal);
        Assert.Contains("request_completed", page, StringComparison.Ordinal);
        Assert.Contains("at 20", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AlteredEntry_IsNotProved_AndTheVerificationNamesIt()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway, events: [Record.Permit(Record.Permitted), Record.Deny(Record.Refused)]);
        await Sql.ExecuteAsync(console.Database, "UPDATE audit.mt_events SET bdata = convert_to(replace(convert_from(bdata, 'UTF8'), 'treatment', 'marketing'), 'UTF8') WHERE version = 1");

        var altered = await console.PageWhenItShowsAsync($"/decisions/{Record.Permitted}", "the path does not lead to the root");
        var whole = await console.PageWhenItShowsAsync($"/decisions/{Record.Refused}", "Verified:");
        using var begun = await console.PostAsync("/integrity", "/integrity/verify", []);
        var integrity = await console.PageWhenItShowsAsync("/integrity", "The log does not verify");

        Assert.DoesNotContain("Verified:", altered, StringComparison.Ordinal);
        Assert.DoesNotContain("does not lead", whole, StringComparison.Ordinal);
        Assert.Equal("/integrity#verification", begun.Headers.Location?.OriginalString);
        Assert.Contains("Shard console, epoch 1, index 0", integrity, StringComparison.Ordinal);
        Assert.Contains(gateway.Reads, static read => read.Query == "console: verification of the whole log");
    }

    [Fact]
    public async Task WholeLog_VerifiesWhenAnAuditorAsks_AndTheOthersSeeWhatCameOut()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();
        var before = WebUtility.HtmlDecode(await console.PageAsync("/integrity"));

        using var begun = await console.PostAsync("/integrity", "/integrity/verify", []);
        var after = await console.PageWhenItShowsAsync("/integrity", "The whole log verified");
        using (await console.SignInAsync(console.Token("legal")))
        {
            var legal = await console.PageAsync("/integrity");
            using var refused = await console.PostAsync("/integrity", "/integrity/verify", []);
            Assert.Contains("The whole log verified", legal, StringComparison.Ordinal);
            Assert.DoesNotContain("Verify the whole log now", legal, StringComparison.Ordinal);
            Assert.StartsWith("/sign-in", refused.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        }

        Assert.Contains("Not verified since this console was started", before, StringComparison.Ordinal);
        Assert.Contains("for carla: 2 entries in 1 epochs", after, StringComparison.Ordinal);
        Assert.Contains("No checkpoint from outside was at hand", after, StringComparison.Ordinal);
        Assert.Contains("holds", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerificationThatTheGatewayDoesNotRecord_IsNotBegun()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway);
        gateway.Status = 503;

        using var refused = await console.PostAsync("/integrity", "/integrity/verify", []);
        var page = WebUtility.HtmlDecode(await console.PageAsync(refused.Headers.Location!.OriginalString));

        Assert.Contains("nothing was begun", page, StringComparison.Ordinal);
        Assert.Contains("Not verified since this console was started", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetentionAndHolds_AreShown_HoldsToThoseWhoSeeEveryTenant()
    {
        var now = TimeProvider.System.GetUtcNow();
        AuditEvent[] events =
        [
            Record.Permit(),
            new LegalHoldPlaced { Id = Guid.CreateVersion7(), At = now, Hold = "case-7", Reason = "Docket 7", By = "lena", From = now.AddDays(-3), To = null, Apps = ["ward-notes"] },
            new RetentionExecuted
            {
                Id = Guid.CreateVersion7(), At = now, Shard = "old-shard", Epoch = 3, Count = 12_345, Root = new string('a', 64), File = "old-shard.3.ndjson", FileSha256 = new string('b', 64), Before = now.AddYears(-6), By = "ops",
            },
        ];
        await using var console = await ConsoleUnderTest.SignedInAsync(events: events);
        await using var bounded = await ConsoleUnderTest.SignedInAsync(tenant: "default", events: events);

        var page = WebUtility.HtmlDecode(await console.PageAsync("/integrity"));
        var theirs = WebUtility.HtmlDecode(await bounded.PageAsync("/integrity"));

        foreach (var expected in new[] { "6 years at least", "case-7", "requests of ward-notes", "Docket 7", "old-shard.3.ndjson", "12,345" })
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("case-7", theirs, StringComparison.Ordinal);
        Assert.Contains("People who may see every tenant see this", theirs, StringComparison.Ordinal);
    }
}
