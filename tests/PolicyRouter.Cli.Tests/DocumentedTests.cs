using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>What the documents promise to be shown by a test is shown by one that exists.</summary>
public sealed partial class DocumentedTests
{
    [Theory]
    [InlineData("SECURITY.md")]
    [InlineData("docs/threat-model.md")]
    [InlineData("docs/chaos.md")]
    public void TestsThatADocumentNames_Exist(string document)
    {
        var classes = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .ToHashSet(StringComparer.Ordinal);
        var named = TestClass().Matches(File.ReadAllText(Path.Combine(Repository.Root, document))).Select(static found => found.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(classes));
    }

    [Fact]
    public void AlertRules_NameMetricsThatThereAre()
    {
        var known = File.ReadLines(Path.Combine(Repository.Root, "tests", "PolicyRouter.EndToEnd.Tests", "Telemetry", "metrics.txt"))
            .SelectMany(static line => line.Split(' ') is [var name, "histogram", ..] ? [$"{name}_count", $"{name}_sum", $"{name}_bucket"] : new[] { line.Split(' ')[0] })
            .ToHashSet(StringComparer.Ordinal);
        var rules = File.ReadLines(Path.Combine(Repository.Root, "docs", "deploy", "alerts.yaml")).Where(static line => line.Contains("expr:", StringComparison.Ordinal));
        var named = rules.SelectMany(static rule => Metric().Matches(rule)).Select(static found => found.Value).Where(static name => name is not "gen_ai_request_model").ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known));
    }

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z]+Tests)", RegexOptions.CultureInvariant)]
    private static partial Regex TestClass();

    [GeneratedRegex("(policyrouter|gen_ai)_[a-z_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Metric();
}
