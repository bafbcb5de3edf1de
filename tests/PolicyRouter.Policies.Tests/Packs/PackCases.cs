using PolicyRouter.Policies.Deciding;
using YamlDotNet.RepresentationModel;

namespace PolicyRouter.Policies.Tests.Packs;

/// <summary>What counsel expects, read from the cases beside the rules.</summary>
internal sealed record PackCase(
    string Name, PolicyRequest Request, IReadOnlyList<string>? Permitted, IReadOnlyDictionary<string, string[]> Denied,
    IReadOnlyDictionary<string, string[]> Duties)
{
    public static IReadOnlyList<PackCase> ReadAll(string folder)
    {
        using var text = File.OpenText(Path.Combine(folder, "tests", "core.tests.yaml"));
        YamlStream stream = [];
        stream.Load(text);
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var today = Text(root, "today")!;
        return [.. ((YamlSequenceNode)root["cases"]).Cast<YamlMappingNode>().Select(node => Read(node, today))];
    }

    public override string ToString() => Name;

    private static PackCase Read(YamlMappingNode node, string today)
    {
        var given = (YamlMappingNode)node["given"];
        return new(
            Text(node, "name")!,
            new()
            {
                Day = DateOnly.Parse(Text(node, "today") ?? today, System.Globalization.CultureInfo.InvariantCulture),
                DeclaredClasses = List(given, "data") ?? [],
                Subjects = List(given, "subjects") ?? [],
                Purpose = Text(given, "purpose"),
                Features = List(given, "features") ?? [],
                Route = Text(given, "route"),
            },
            List(node, "permitted"),
            Lists(node, "denied"),
            Lists(node, "duties"));
    }

    private static string? Text(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    private static string[]? List(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) ? [.. ((YamlSequenceNode)value).Select(static item => ((YamlScalarNode)item).Value!)] : null;

    private static Dictionary<string, string[]> Lists(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value)
            ? ((YamlMappingNode)value).Children.Keys.Cast<YamlScalarNode>().ToDictionary(k => k.Value!, k => List((YamlMappingNode)value, k.Value!)!)
            : [];
}
