using System.Net;
using System.Text.RegularExpressions;
using PolicyRouter.Audit.Events;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

public partial class DecisionsPageTests
{
    [Fact]
    public async Task Search_NarrowsTheList_AndIsShownAsChips_EachOfWhichCanBeTakenAway()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();

        var page = await console.PageAsync("/?text=outcome%3Adeny%20app%3Abill*");

        Assert.Contains(Record.Refused.ToString(), page, StringComparison.Ordinal);
        Assert.DoesNotContain(Record.Permitted.ToString(), page, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Remove outcome:deny\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/?text=app%3Abill*\"", page, StringComparison.Ordinal);
        Assert.Contains("1 decision, last 24 hours (the default)", page, StringComparison.Ordinal);
        Assert.Contains("Decisions over time: 0 permitted, 1 denied, 0 dry runs", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FieldsOfTheForm_BecomeTerms()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();

        var page = await console.PageAsync("/?text=outcome%3Adeny&class=phi&app=front%20desk");

        Assert.Contains("value=\"outcome:deny class:phi app:&quot;front desk&quot;\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/?text=outcom%3Adeny%20app%3Ax", "did you mean `outcome`?", "value=\"outcom:deny app:x\"")]
    [InlineData("/?text=phi", "is not a term", "value=\"phi\"")]
    [InlineData("/?last=12y&text=app%3Ax", "`last` is one of", "value=\"app:x\"")]
    [InlineData("/?from=yesterday&text=app%3Ax", "A time is written as", "value=\"app:x\"")]
    [InlineData("/?from=2026-04-29T00:00&to=2026-04-28T00:00", "ends before it begins", "<h1>Decisions</h1>")]
    public async Task WhatCannotBeAsked_IsExplained_AndKept(string path, string fault, string kept)
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();

        var page = WebUtility.HtmlDecode(await console.PageAsync(path));

        Assert.Contains(fault, page, StringComparison.Ordinal);
        Assert.Contains(kept, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<tbody>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_LeadToOlderAndNewerDecisions()
    {
        var events = Enumerable.Range(0, 60).Select(static i => Record.Permit(app: $"app-{i:00}", age: TimeSpan.FromMinutes(i))).ToArray<AuditEvent>();
        await using var console = await ConsoleUnderTest.SignedInAsync(events: events);

        var first = await console.PageAsync("/?limit=25");
        var second = await console.PageAsync(Link(first, "next"));
        var third = await console.PageAsync(Link(second, "next"));
        var back = await console.PageAsync(Link(third, "prev"));

        Assert.Equal(Enumerable.Range(0, 25), Apps(first));
        Assert.Equal(Enumerable.Range(25, 25), Apps(second));
        Assert.Equal(Enumerable.Range(50, 10), Apps(third));
        Assert.Equal(Apps(second), Apps(back));
        Assert.DoesNotContain("rel=\"prev\"", first, StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"next\"", third, StringComparison.Ordinal);

        static string Link(string page, string rel) => WebUtility.HtmlDecode(Regex.Match(page, $"rel=\"{rel}\" href=\"(?<to>[^\"]+)\"").Groups["to"].Value);
        static IEnumerable<int> Apps(string page) => AppCell().Matches(page).Select(static match => int.Parse(match.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task NothingFound_SaysWhy_AndLeadsOn()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync(events: [Record.Permit(age: TimeSpan.FromDays(3))]);

        var tooShort = await console.PageAsync("/");
        var tooNarrow = await console.PageAsync("/?last=all&text=app%3Anobody");
        var absolute = await console.PageAsync("/?from=2026-01-01T00%3A00&to=2026-01-02T00%3A00");

        Assert.Contains("the oldest decision is of", tooShort, StringComparison.Ordinal);
        Assert.Contains("href=\"/?last=all\"", tooShort, StringComparison.Ordinal);
        Assert.Contains("Drop the last term", tooNarrow, StringComparison.Ordinal);
        Assert.Contains("from 2026-01-01 00:00 to 2026-01-02 00:00, UTC", absolute, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SavedSearches_AreKeptInTheBrowser_AndAForgedCookieLeadsNowhereElse()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();

        using var saved = await console.PostAsync("/", "/saved", [], ("name", "<b>mine</b>"), ("query", "?text=outcome%3Adeny&last=7d"));
        var page = await console.PageAsync("/");
        using var elsewhere = await console.PostAsync("/", "/saved", [], ("name", "evil"), ("query", "//evil.example/?text=app%3Ax"));
        var after = await console.PageAsync("/");
        using var deleted = await console.PostAsync("/", "/saved/delete", [], ("name", "<b>mine</b>"), ("query", ""));

        Assert.Equal("/?last=7d&text=outcome%3Adeny", saved.Headers.Location!.ToString());
        Assert.Contains("<a href=\"/?last=7d&amp;text=outcome%3Adeny\">&lt;b&gt;mine&lt;/b&gt;</a>", page, StringComparison.Ordinal);
        Assert.StartsWith("/", elsewhere.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", after, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", await console.PageAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachRead_IsRecordedAsItsReaders_BeforeItIsShown()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.StartAsync(gateway);
        var token = console.Token("auditor");
        using var signedIn = await console.SignInAsync(token);

        await console.PageAsync("/?text=outcome%3Adeny");
        await console.PageAsync($"/decisions/{Record.Permitted}");
        await console.PageAsync("/?text=app%3A%22a%09b%22");
        gateway.Status = 503;
        var list = await console.PageAsync("/");
        var one = await console.PageAsync($"/decisions/{Record.Permitted}");

        Assert.Equal(
            [(token, "console: outcome:deny; last 24 hours", 1), (token, $"console: id:{Record.Permitted}", 1), (token, "console: app:\"a b\"; last 24 hours", 0)],
            gateway.Reads);
        foreach (var page in new[] { list, one })
        {
            Assert.Contains("could not be recorded", page, StringComparison.Ordinal);
            Assert.DoesNotContain("clinical-chat", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task CharactersThatTurnTheWriting_AreShownAsUnknown()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync(
            events: [Record.Permit(Record.Permitted, app: "a\u202ecipa"), new HistoryRead { Id = Guid.CreateVersion7(), At = TimeProvider.System.GetUtcNow(), Reader = "x\u2066y", Query = "q", Rows = 1 }]);

        foreach (var (path, shown) in new[] { ("/", "a\ufffdcipa"), ($"/decisions/{Record.Permitted}", "a\ufffdcipa"), ("/integrity", "x\ufffdy") })
        {
            var page = WebUtility.HtmlDecode(await console.PageAsync(path));

            Assert.Contains(shown, page, StringComparison.Ordinal);
            Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\u2066", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task DatabaseAway_KeepsTheSearch()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();
        Npgsql.NpgsqlConnection.ClearAllPools();
        await Sql.ExecuteAsync(console.Database, "ALTER TABLE audit.audit_request RENAME TO hidden");

        var page = await console.PageAsync("/?text=app%3Abilling");

        Assert.Contains("The log cannot be read now. Your search is kept", page, StringComparison.Ordinal);
        Assert.Contains("value=\"app:billing\"", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("<td>app-(?<number>[0-9]+)</td>")]
    private static partial Regex AppCell();
}
