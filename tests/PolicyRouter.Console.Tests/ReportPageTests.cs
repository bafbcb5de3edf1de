using System.Net;

namespace PolicyRouter.WebConsole.Tests;

public class ReportPageTests
{
    private const string Period = "from=2026-01-01T00:00&to=2096-01-01T00:00";

    [Fact]
    public async Task Report_IsThatOfTheCommandLine_OnAPageAndAsFiles_AndEachReadIsRecorded()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(
            "operator", gateway: gateway, events: [Record.Permit(Record.Permitted), Record.End(Record.Permitted, "failed"), Record.Deny(app: "<b>billing</b>")]);

        var page = await console.PageAsync($"/report?{Period}");
        using var markdown = await console.GetAsync($"/report/download?format=markdown&{Period}");
        using var html = await console.GetAsync($"/report/download?format=html&{Period}");

        foreach (var expected in new[] { "Summary", "Availability", "What was refused, and why", "Download as Markdown" })
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<b>billing", page, StringComparison.Ordinal);
        Assert.StartsWith("# Incident and availability report", await markdown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("attachment", html.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Contains("<!DOCTYPE html>", await html.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(3, gateway.Reads.Count(static read => read is { Rows: 2 } && read.Query.StartsWith("console: incident report from=2026-01-01", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("from=2026-02-01T00:00&to=2026-01-01T00:00", "must end after it begins")]
    [InlineData("from=2026-02-01T00:00", "has a beginning and an end")]
    [InlineData("from=yesterday&to=today", "has a beginning and an end")]
    public async Task PeriodThatIsNone_SaysSo_AndKeepsWhatWasGiven(string period, string expected)
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();

        var page = WebUtility.HtmlDecode(await console.PageAsync($"/report?{period}"));

        Assert.Contains(expected, page, StringComparison.Ordinal);
        Assert.True(period.StartsWith("from=y", StringComparison.Ordinal) || page.Contains("value=\"2026-02-01T00:00\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReadThatIsNotRecorded_ShowsNothing()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway);
        gateway.Status = 503;

        var page = WebUtility.HtmlDecode(await console.PageAsync($"/report?{Period}"));
        using var file = await console.GetAsync($"/report/download?format=html&{Period}");

        Assert.Contains("could not be recorded", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Summary", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, file.StatusCode);
    }
}
