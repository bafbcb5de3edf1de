using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Audit.Tests;
using PolicyRouter.Audit.Tests.Reporting;
using PolicyRouter.Cli.Audit.Report;
using PolicyRouter.Reports.Incidents;

namespace PolicyRouter.Cli.Tests.Audit;

/// <summary>What the pages of a report say, and that nothing recorded can be anything but text in them.</summary>
public partial class ReportPagesTests
{
    private const double Target = 0.999;

    private static readonly HashSet<string> Elements =
    [
        "html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
        "figure", "figcaption", "svg", "desc", "defs", "pattern", "rect", "line", "text",
    ];

    private static readonly HashSet<string> Attributes =
    [
        "lang", "charset", "http-equiv", "content", "name", "class", "scope", "tabindex", "role", "aria-labelledby", "viewBox", "width", "height", "xmlns", "id",
        "x", "y", "x1", "y1", "x2", "y2", "text-anchor", "patternUnits", "patternTransform",
    ];

    [Fact]
    public void Outage_IsToldWithTimesNamesAndFigures()
    {
        var markdown = ReportMarkdown.Write(ReportSections.Of(OutageStory.Tell().Report(), Target));

        Assert.Contains("From 2026-04-28 00:00:00 until before 2026-04-29 00:00:00. All times are in UTC.", markdown, StringComparison.Ordinal);
        Assert.Contains(
            "| 1 | claude | status\\_401 (the provider refused our credentials) | 2026-04-28 14:02:01 | 2026-04-28 15:21:01 | 2026-04-28 15:22:01 | over | azure (80) | azure (40) | 1 h 19 min | 80 | 0 | 140 | 60 | 120 | 20 |",
            markdown,
            StringComparison.Ordinal);
        Assert.Contains("Availability 91.596 % against a target of 99.9 %: missed.", markdown, StringComparison.Ordinal);
        Assert.Contains("| eu-support | all | NO | 0.000 % | 100,000.0 % | 0 | 20 | 0 | 0 | ░░░░░░░░░░░░░░░░░░░░ |", markdown, StringComparison.Ordinal);
        Assert.Contains("| 2026-04-28 14:00:00 | suspended by an operator or a rule | groq | operator-1: papers under review | 1 | - |", markdown, StringComparison.Ordinal);
        Assert.Contains("| F-GDPR-TRANSFER | 10 |", markdown, StringComparison.Ordinal);
        Assert.Contains("| no permitted provider answered, or a further attempt could not be recorded (503) | 20 |", markdown, StringComparison.Ordinal);
        Assert.Contains("policyrouter audit report --from 2026-04-28T00:00:00Z --to 2026-04-29T00:00:00Z --target 99.9", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyPeriod_SaysSo_AndWhatTheLogHolds()
    {
        var empty = new Story().Report();
        var before = empty with { Source = empty.Source with { FirstDecision = Sample.Noon.AddDays(3), LastDecision = Sample.Noon.AddDays(4) } };

        Assert.Contains("No request was decided in this period. The log holds no decision at all.", Markdown(empty), StringComparison.Ordinal);
        Assert.Contains("The log holds decisions from 2026-05-01 12:00:00 to 2026-05-02 12:00:00.", Markdown(before), StringComparison.Ordinal);
        Assert.Contains("The period had not ended when this report was made", Markdown(before), StringComparison.Ordinal);
        Assert.DoesNotContain("## Availability", Markdown(empty), StringComparison.Ordinal);
        AssertIsHarmless(ReportHtml.Write(ReportSections.Of(empty, Target)));

        static string Markdown(AuditReport report) => ReportMarkdown.Write(ReportSections.Of(report, Target));
    }

    [Fact]
    public void MissingEvents_AreAWarning()
    {
        var report = new Story().Report();
        var document = ReportSections.Of(report with { Source = report.Source with { EventsMissing = 2 } }, Target);

        Assert.Contains("WARNING: 2 events that the index names are not in the log.", ReportMarkdown.Write(document), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_NeedsNothingElse_AndItsChartsAreDescribedAndStandInTables()
    {
        var html = ReportHtml.Write(ReportSections.Of(OutageStory.Tell().Report(), Target));

        var page = AssertIsHarmless(html);
        var charts = page.Descendants().Where(static element => element.Name.LocalName == "svg").ToList();
        Assert.Equal(2, charts.Count);
        Assert.All(charts, chart =>
        {
            var described = chart.Attribute("aria-labelledby")!.Value.Split(' ');
            Assert.Equal("img", chart.Attribute("role")!.Value);
            Assert.Equal(["title", "desc"], described.Select(id => page.Descendants().Single(element => element.Attribute("id")?.Value == id).Name.LocalName));
        });
        var ids = page.Descendants().Select(static element => element.Attribute("id")?.Value).OfType<string>().ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());

        // One bar of answers and one of losses per interval that has any, and the same intervals in the tables.
        var overTime = page.Descendants("table").Where(static table => table.Element("caption")!.Value.StartsWith("Route ", StringComparison.Ordinal));
        var bars = charts[0].Descendants().Count(static element => element.Attribute("class")?.Value is "answered" or "failed");
        Assert.Equal(bars, overTime.Sum(static table => table.Element("tbody")!.Elements().Sum(static row => row.Elements().Skip(1).Take(2).Count(static cell => cell.Value != "0"))));

        var policy = page.Descendants("meta").Single(static meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value;
        var style = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(page.Descendants("style").Single().Value)));
        Assert.Equal($"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'", policy);
    }

    /// <summary>In every field that a page shows.</summary>
    [Fact]
    public void HostileText_StaysText_InEveryField() => Gen.Select(Hostile, Hostile, Hostile).Sample(static (one, two, three) =>
    {
        var report = Told(one, two, three);
        var document = ReportSections.Of(report, Target);

        var page = AssertIsHarmless(ReportHtml.Write(document));
        var shown = string.Concat(page.Descendants("body").Single().DescendantNodes().OfType<XText>().Select(static text => text.Value));
        Assert.All((string[])[one, two, three], text => Assert.Contains(Shown(text), shown, StringComparison.Ordinal));
        AssertIsMarkdownOf(document);
    });

    /// <summary>The markup of the page does not depend on what is shown: the same story told with plain names has the same elements.</summary>
    [Fact]
    public void HostileText_ChangesNoMarkup() => Gen.Select(Hostile, Hostile, Hostile).Where(static (one, two, three) => one != two && two != three && one != three).Sample(static (one, two, three) =>
    {
        var hostile = XDocument.Parse(ReportHtml.Write(ReportSections.Of(Told(one + "1", two + "2", three + "3"), Target)));
        var plain = XDocument.Parse(ReportHtml.Write(ReportSections.Of(Told("a1", "b2", "c3"), Target)));

        Assert.Equal(plain.Descendants().Count(), hostile.Descendants().Count());
    });

    private static readonly Gen<string> Hostile = Gen.OneOf(
        Gen.OneOf(
            ((string[])
            [
                "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</style><style>*{display:none}", "]]><!--", "-->", "&lt;b&gt;", "&#60;",
                "|a|b|", "`x`", "![x](javascript:alert(1))", "[x](http://x)", "\\|", "# x", "~~x~~", "</title>", "\u202Etxt.exe", "\u2066x", "a\r\n| b |", "a\u2028b", "\0\u0007\u001b[31m", "\ud800", "\udc00x", "{0}", "😀",
            ]).Select(Gen.Const).ToArray()),
        Gen.Char.Array[1, 12].Select(static characters => new string(characters))).Where(static text => !string.IsNullOrWhiteSpace(Shown(text)));

    /// <summary>A report that has these texts wherever recorded text can stand.</summary>
    private static AuditReport Told(string one, string two, string three)
    {
        Story story = new();
        for (var i = 0; i < 4; i++)
        {
            var at = Sample.Noon.AddSeconds(i * 10);
            var decided = story.Permitted(at, two, [$"{one} {three.Replace(' ', '_')}"], route: three, classes: [one], subjects: [two]) with { PolicyVersion = three };
            story.Add(decided with { Id = Guid.CreateVersion7(), App = one, BreakGlass = new(two, [three], [one], at, at) });
        }

        story.Refused(Sample.Noon, one, [two], three);
        story.Add(new PolicyActivated { Id = Guid.CreateVersion7(), At = Sample.Noon, PolicyVersion = one, PreviousVersion = two, Node = three });
        story.Add(new PolicyRejected { Id = Guid.CreateVersion7(), At = Sample.Noon, PolicyVersionInForce = two, Problems = [one, three], Node = three });
        story.Add(new DeploymentSuspended { Id = Guid.CreateVersion7(), At = Sample.Noon, Deployment = one, By = two, Reason = three, Node = three });
        story.Add(new DeploymentResumed { Id = Guid.CreateVersion7(), At = Sample.Noon, Deployment = two, By = three, Reason = one, Node = three });
        story.Add(new ResidencyMismatch { Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = Guid.NewGuid(), Deployment = one, PolicyVersion = two, Claimed = [three], Reported = two });
        story.Add(new ModelMismatch { Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = Guid.NewGuid(), Deployment = three, PolicyVersion = two, Expected = [one], Reported = two });
        var currency = Sample.Permit(at: Sample.Noon);
        story.Add(currency);
        story.Add(Sample.End(currency.Id, deployment: one) with { At = Sample.Noon, Currency = two, CostMicros = 1 });
        var report = story.Report();
        return report with { Source = report.Source with { Streams = [new(one, 1, 1)] } };
    }

    /// <summary>Well-formed, of known elements and attributes only, with nothing that runs, loads or styles.</summary>
    private static XDocument AssertIsHarmless(string html)
    {
        var page = XDocument.Parse(html);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Empty(page.Descendants().Select(static element => element.Name.LocalName).Except(Elements));
        Assert.Empty(page.Descendants().SelectMany(static element => element.Attributes()).Select(static attribute => attribute.Name.LocalName).Except(Attributes));
        Assert.Single(page.Descendants("style"));
        Assert.DoesNotContain(page.DescendantNodes(), static node => node is XComment or XCData or XProcessingInstruction);
        return page;
    }

    /// <summary>Every line is one that the document asks for, and every table row has as many cells as its head.</summary>
    private static void AssertIsMarkdownOf(ReportDocument document)
    {
        var lines = ReportMarkdown.Write(document).Split('\n');
        var tables = document.Sections.SelectMany(static section => section.Parts).OfType<Table>().ToList();
        Assert.Equal(tables.Sum(static table => table.Rows.Count + 2), lines.Count(static line => line.StartsWith('|')));
        Assert.Equal(1 + document.Sections.Count + tables.Count, lines.Count(static line => line.StartsWith('#')));
        var cells = 0;
        foreach (var line in lines)
        {
            var bare = EscapedPair().Replace(line, "");
            Assert.DoesNotContain(bare, static c => c is '<' or '[' or '`' or '*' or '_' or '&' || char.IsControl(c));
            var now = line.StartsWith('|') ? bare.Count(static c => c == '|') : 0;
            Assert.True(cells == 0 || now == 0 || now == cells, line);
            cells = now;
        }
    }

    /// <summary>Text as a page shows it.</summary>
    private static string Shown(string text) => string.Concat(text.EnumerateRunes().Select(static rune => rune.Value switch
    {
        '\n' or '\r' or '\t' or 0x2028 or 0x2029 => " ",
        < 0x20 or (>= 0x7F and < 0xA0) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFFFE or 0xFFFF => "\uFFFD",
        _ => rune.ToString(),
    }));

    [GeneratedRegex(@"\\.", RegexOptions.CultureInvariant)]
    private static partial Regex EscapedPair();
}
