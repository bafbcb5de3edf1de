using System.Text.Json;
using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.Deploy.Tests;

/// <summary>Dashboards and alerts ask for metrics and labels that there are: those of the list that the gateway's own are compared with.</summary>
public sealed partial class DashboardTests
{
    // What Prometheus itself adds to every series.
    private static readonly string[] Everywhere = ["instance", "job"];

    public static TheoryData<string> Dashboards() =>
        [.. Directory.EnumerateFiles(Path.Combine(Rendered.Deploy, "grafana"), "*.json").Select(static path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void EveryPanel_AsksForMetricsAndLabelsThatThereAre(string file)
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Rendered.Deploy, "grafana", file)));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();

        Assert.NotEmpty(panels);
        Assert.All(panels, static panel => Assert.All(panel.GetProperty("targets").EnumerateArray(), target => AssertKnown(
            target.GetProperty("expr").GetString()!, target.TryGetProperty("legendFormat", out var legend) ? Placeholder().Matches(legend.GetString()!).Select(static one => one.Groups["name"].Value) : [])));
        Assert.Equal(panels.Count, panels.Select(static panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
    }

    [Fact]
    public void EveryAlert_AsksForMetricsAndLabelsThatThereAre()
    {
        var rules = File.ReadLines(Path.Combine(Rendered.Deploy, "alerts.yaml")).Where(static line => line.Contains("expr: ", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(rules);
        Assert.All(rules, static rule => AssertKnown(rule[(rule.IndexOf("expr: ", StringComparison.Ordinal) + "expr: ".Length)..], []));
    }

    [Theory]
    [InlineData("sum by (deployment) (rate(policyrouter_decisions_total[5m]))")]
    [InlineData("policyrouter_decisions_total{deployment=\"a\"}")]
    [InlineData("rate(policyrouter_decisions[5m])")]
    [InlineData("sum by (le) (rate(gen_ai_client_operation_duration_seconds_count[5m]))")]
    public void QueryForWhatThereIsNot_IsNoticed(string query) => Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertKnown(query, []));

    private static void AssertKnown(string query, IEnumerable<string> shown)
    {
        // What stands in braces behind a name is a label, as is what follows `by`.
        var selectors = Selector().Matches(query).ToList();
        var grouped = Grouping().Matches(query).SelectMany(static grouping => grouping.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries));
        var metrics = Metric().Matches(Selector().Replace(Grouping().Replace(query, ""), "")).Select(static metric => metric.Value).ToList();

        Assert.True(metrics.Count > 0, query);
        Assert.True(metrics.TrueForAll(MetricList.Series.ContainsKey), $"{query}: {string.Join(", ", metrics.Where(static metric => !MetricList.Series.ContainsKey(metric)))}");
        var known = metrics.SelectMany(static metric => MetricList.Series[metric]).Concat(Everywhere).ToHashSet(StringComparer.Ordinal);
        var asked = selectors.SelectMany(static selector => Matcher().Matches(selector.Value)).Select(static label => label.Groups["name"].Value).Concat(grouped).Concat(shown).ToList();
        Assert.True(asked.TrueForAll(known.Contains), $"{query}: {string.Join(", ", asked.Except(known))}");
    }

    [GeneratedRegex("(policyrouter|gen_ai)_[a-z_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Metric();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(by|without) \((?<labels>[^)]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Grouping();

    [GeneratedRegex("(?<name>[a-z_]+) *(=|!=|=~|!~)", RegexOptions.CultureInvariant)]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\{\{ *(?<name>[a-z_]+) *\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
