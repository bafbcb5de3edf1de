using System.Text.Json;
using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.Deploy.Tests;

/// <summary>Dashboards ask for metrics that there are: those of the list that the gateway's own metrics are compared with.</summary>
public sealed partial class DashboardTests
{
    public static TheoryData<string> Dashboards() =>
        [.. Directory.EnumerateFiles(Path.Combine(Rendered.Deploy, "grafana"), "*.json").Select(static path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void EveryPanel_AsksForMetricsThatThereAre(string file)
    {
        var known = File.ReadLines(Path.Combine(Repository.Root, "tests", "PolicyRouter.EndToEnd.Tests", "Telemetry", "metrics.txt"))
            .SelectMany(static line => line.Split(' ') is [var name, "histogram", ..] ? [$"{name}_count", $"{name}_sum", $"{name}_bucket"] : new[] { line.Split(' ')[0] })
            .ToHashSet(StringComparer.Ordinal);
        using var dashboard = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Rendered.Deploy, "grafana", file)));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();

        Assert.NotEmpty(panels);
        Assert.All(panels, panel =>
        {
            var title = panel.GetProperty("title").GetString();
            var queries = panel.GetProperty("targets").EnumerateArray().Select(static target => target.GetProperty("expr").GetString()!).ToList();
            // What stands in quotes or braces behind a name is a label, as is what follows `by`.
            var named = queries.SelectMany(static query => Metric().Matches(Labels().Replace(query, ""))).Select(static found => found.Value).ToList();
            Assert.True(named.Count > 0, title);
            Assert.True(named.TrueForAll(known.Contains), $"{title}: {string.Join(", ", named.Except(known))}");
        });
        Assert.Equal(panels.Count, panels.Select(static panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
    }

    [GeneratedRegex("(policyrouter|gen_ai)_[a-z_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Metric();

    [GeneratedRegex(@"\{[^}]*\}|\bby \([^)]*\)", RegexOptions.CultureInvariant)]
    private static partial Regex Labels();
}
