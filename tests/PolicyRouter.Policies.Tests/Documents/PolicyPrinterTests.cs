using System.Text.RegularExpressions;
using System.Xml.Linq;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Points;

namespace PolicyRouter.Policies.Tests.Documents;

/// <summary>The document that legal signs.</summary>
public partial class PolicyPrinterTests
{
    private static readonly DateOnly Today = new(2026, 11, 2);

    [Fact]
    public void EveryRule_StandsInNumberedEnglish_Once()
    {
        var snapshot = TestFolders.Load(TestFolders.Shipped);

        var text = PolicyPrinter.Markdown(snapshot, Today);

        Assert.Equal(Enumerable.Range(1, snapshot.Model.Rules.Count), Numbers().Matches(text).Select(static number => int.Parse(number.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(snapshot.Model.Rules, rule => Assert.Single(Regex.Matches(text, $@"\*\*{rule.Id}: ")));
        Assert.Contains(
            "**F-HIPAA-BAA: No BAA in force, no PHI** Nothing may be sent when the data includes phi, unless one agreement of type baa in force covers the deployment, the features used and all its places or the deployment is hosted as own-premises. Nothing overrides this.",
            text, StringComparison.Ordinal);
        Assert.Contains(snapshot.Version, text, StringComparison.Ordinal);
        Assert.Contains("On 2030-01-01 claude-anthropic stops taking npi and phi", text, StringComparison.Ordinal);
        Assert.Contains("N-1: never: PHI reaches a vendor without a BAA in force", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTable_SaysYesExactlyWhereADecisionDoes()
    {
        var snapshot = TestFolders.Load(TestFolders.Shipped);
        var table = XDocument.Parse(PolicyPrinter.Html(snapshot, Today).Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal).Replace("<br>", "<br/>", StringComparison.Ordinal))
            .Descendants("table").First();
        string[] deployments = [.. table.Element("thead")!.Descendants("th").Skip(1).Select(static cell => cell.Value)];
        Assert.Equal(snapshot.Deployments.Select(static d => d.Id), deployments);

        foreach (var row in table.Element("tbody")!.Elements("tr"))
        {
            var label = row.Element("th")!.Value;
            var allowed = Requests(snapshot, label).SelectMany(request => snapshot.Decide(request).Permitted).Select(static p => p.Deployment.Id).ToHashSet();
            Assert.Equal(allowed.Order(StringComparer.Ordinal), deployments.Zip(row.Elements("td"), static (id, cell) => (id, cell.Value)).Where(static pair => pair.Value != "no").Select(static pair => pair.id));
        }
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("| a | b |")]
    [InlineData("[link](http://example.org)")]
    public void WhatAFileSays_IsNeverMarkup(string title)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("rules/more.yaml", Example.More($"  - {{id: F-X, title: \"{title}\", effect: forbid, when all: [{{data includes any of: [phi]}}], reason: r, citation: c}}\n"));
        var (markdown, html) = (PolicyPrinter.Markdown(pack.Snapshot(), Today), PolicyPrinter.Html(pack.Snapshot(), Today));

        Assert.DoesNotContain(title, markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains(System.Net.WebUtility.HtmlEncode(title), html, StringComparison.Ordinal);
    }

    [Fact]
    public void ThePage_IsWhole_AndFetchesNothing()
    {
        var html = PolicyPrinter.Html(TestFolders.Load(TestFolders.Shipped), Today);

        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.EndsWith("</body></html>\n", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href|url\\(|@import|<link|<script|<img)", html);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
    }

    [Fact]
    public void RulesOnTrial_TenantsAndLowerings_ArePrintedAsWhatTheyAre()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("rules/more.yaml", Example.More("  - {id: F-TRIAL, title: t, effect: forbid, shadow: true, when all: [{data includes any of: [phi]}], reason: r, citation: c}\n"));
        pack.Write("tenants/north.yaml", "format: policyrouter/tenant/v1\nnarrow permits:\n  - {permit: P-PUBLIC, when all: [{hosting is one of: [own-premises]}]}\n");

        var text = PolicyPrinter.Markdown(pack.Snapshot(), Today);

        Assert.Contains("This rule is on trial: it is evaluated and recorded, and has no effect.", text, StringComparison.Ordinal);
        Assert.Contains("## Bounds that tenant north sets itself", text, StringComparison.Ordinal);
        Assert.Contains("This permit holds only when also the deployment is hosted as own-premises.", text, StringComparison.Ordinal);
    }

    private static IEnumerable<PolicyRequest> Requests(PolicySnapshot snapshot, string label) =>
        from purpose in snapshot.Purposes
        from zone in snapshot.Zones
        select new PolicyRequest { Day = Today, DeclaredClasses = [label], Purpose = purpose, Subjects = [zone], Features = ["chat"] };

    [GeneratedRegex(@"^(\d+)\. \*\*", RegexOptions.Multiline)]
    private static partial Regex Numbers();
}
