namespace PolicyRouter.Testing;

/// <summary>
/// The metrics that there are, with their labels, as <c>metrics.txt</c> lists them: <c>name type labels...</c>, with a star behind the type of what is there after any request. The gateway's own are
/// compared with it, and so is what dashboards and alerts ask for.
/// </summary>
public static class MetricList
{
    /// <summary>Every family by its name.</summary>
    public static IReadOnlyDictionary<string, MetricFamily> Families { get; } = File.ReadLines(
            Path.Combine(Repository.Root, "tests", "PolicyRouter.EndToEnd.Tests", "Telemetry", "metrics.txt"))
        .Select(static line => line.Split(' '))
        .ToDictionary(static words => words[0], static words => new MetricFamily(words[1], words.Contains("*"), words[2..].Where(static word => word != "*").ToHashSet(StringComparer.Ordinal)), StringComparer.Ordinal);

    /// <summary>The labels of every series by its name in queries; what a histogram consists of has names of its own.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Series { get; } = Families
        .SelectMany(static family => SeriesOf(family.Key, family.Value))
        .ToDictionary(static series => series.Name, static series => series.Labels, StringComparer.Ordinal);

    private static IEnumerable<(string Name, IReadOnlySet<string> Labels)> SeriesOf(string name, MetricFamily family) => family.Type != "histogram"
        ? [(name, family.Labels)]
        : [($"{name}_count", family.Labels), ($"{name}_sum", family.Labels), ($"{name}_bucket", family.Labels.Append("le").ToHashSet(StringComparer.Ordinal))];
}

/// <param name="IsAlways">It is there after any request.</param>
public sealed record MetricFamily(string Type, bool IsAlways, IReadOnlySet<string> Labels);
