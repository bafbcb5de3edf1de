using System.Text.RegularExpressions;

namespace PolicyRouter.Testing;

/// <summary>The shipped pack with three deployments on one cloud, so that they fail together; <c>local-llama</c> stays alone.</summary>
public static partial class OneCloud
{
    public const string Domain = "one-cloud";

    /// <summary>In the order of the route <c>clinical-chat</c>.</summary>
    public static IReadOnlyList<string> Members { get; } = ["claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus"];

    /// <summary>Changes the endpoints of a copied policy folder.</summary>
    public static void Apply(string policies)
    {
        var file = Path.Combine(policies, "endpoints.yaml");
        var lines = File.ReadAllLines(file);
        var deployment = "";
        for (var at = 0; at < lines.Length; at++)
        {
            if (Name().Match(lines[at]) is { Success: true } name)
            {
                deployment = name.Groups[1].Value;
            }
            else if (lines[at].StartsWith("    fails with:", StringComparison.Ordinal) && Members.Contains(deployment))
            {
                lines[at] = $"    fails with: [{Domain}]";
            }
        }

        File.WriteAllLines(file, lines);
    }

    [GeneratedRegex("^  ([a-z0-9-]+):$")]
    private static partial Regex Name();
}
