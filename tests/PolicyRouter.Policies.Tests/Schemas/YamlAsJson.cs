using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PolicyRouter.Policies.Tests.Schemas;

/// <summary>A policy file as an editor's language server sees it: YAML 1.2, core schema, where <c>0</c> is a number and <c>true</c> a truth value.</summary>
internal static class YamlAsJson
{
    public static JsonObject Read(string path) => (JsonObject)Value(File.ReadAllText(path))!;

    public static JsonNode? Value(string text)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(text));
        return Of(stream.Documents[0].RootNode);
    }

    private static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(static pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Of(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value!),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new InvalidOperationException("A policy file has no other nodes."),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "true" or "false" => JsonValue.Create(text == "true"),
        "" or "null" or "~" => null,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
