using System.Text.Json.Nodes;
using Json.Schema;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Schemas;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Schemas;

/// <summary>The schemas that editors use say what the readers accept.</summary>
public class PolicySchemaTests
{
    private static readonly string Full = Path.Combine(TestFolders.Root, "tests", "PolicyRouter.Policies.Tests", "Packs", "full");

    private static readonly Dictionary<string, JsonSchema> Compiled = PolicySchemas.All.ToDictionary(
        static pair => pair.Key, static pair => JsonSchema.FromText(pair.Value), StringComparer.Ordinal);

    /// <summary>Every file of three packs; the full one writes every key of the language.</summary>
    public static TheoryData<string, string> Files()
    {
        TheoryData<string, string> files = [];
        foreach (var folder in (string[])[TestFolders.Shipped, TestFolders.Example, Full])
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                files.Add(Path.GetRelativePath(TestFolders.Root, folder), Path.GetRelativePath(folder, file));
            }
        }

        return files;
    }

    public static TheoryData<string> FullFiles() =>
        [.. Directory.EnumerateFiles(Full, "*.yaml", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(Full, file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void TheSchemasBesideTheFiles_AreThoseOfThisVersion()
    {
        var folder = Path.Combine(TestFolders.Shipped, PolicySchemas.Folder);

        Assert.Equal(PolicySchemas.All.Keys, Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        // Changed on purpose? Write them again: policyrouter policy schema
        Assert.All(PolicySchemas.All, schema => Assert.Equal(schema.Value, File.ReadAllText(Path.Combine(folder, schema.Key))));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void EveryFileThatLoads_IsValid(string folder, string file) =>
        Assert.Empty(Faults(file, YamlAsJson.Read(Path.Combine(TestFolders.Root, folder, file))));

    [Fact]
    public void EveryFileOfTheShippedPack_NamesItsSchema()
    {
        var files = Directory.EnumerateFiles(TestFolders.Shipped, "*.yaml", SearchOption.AllDirectories).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, static file =>
        {
            var schema = File.ReadLines(file).First()["# yaml-language-server: $schema=".Length..];
            Assert.Equal(Path.Combine(TestFolders.Shipped, PolicySchemas.Folder, SchemaOf(Path.GetRelativePath(TestFolders.Shipped, file))), Path.GetFullPath(schema, Path.GetDirectoryName(file)!));
        });
    }

    [Fact]
    public void EveryFieldOfEverySchema_SaysWhatItIs() =>
        Assert.All(PolicySchemas.All, static schema => AssertDescribed(JsonNode.Parse(schema.Value)!, schema.Key));

    [Theory]
    [MemberData(nameof(FullFiles))]
    public void EveryMap_HasTheKeysThatTheReaderKnows_AndThePackWritesThemAll(string file)
    {
        var root = YamlAsJson.Read(Path.Combine(Full, file));
        var schema = JsonNode.Parse(PolicySchemas.All[SchemaOf(file)])!.AsObject();
        Dictionary<JsonObject, (HashSet<string> Written, HashSet<string> Known)> keys = [];
        foreach (var (map, at) in Maps(root, schema, schema).ToList())
        {
            var properties = at["properties"]!.AsObject().Select(static pair => pair.Key).ToHashSet(StringComparer.Ordinal);
            if (at.ContainsKey("maxProperties"))
            {
                // A condition: its keys are phrases, of which not every one may stand in every place.
                continue;
            }

            map["zzz zzz"] = "x";
            Assert.NotEmpty(Faults(file, root));
            var unknown = Load(file, root).Single(static problem => problem.Message.Contains("\"zzz zzz\"", StringComparison.Ordinal));
            map.Remove("zzz zzz");
            if (unknown.Code == "PR009")
            {
                // What a reader knows may depend on what else stands there: all maps of one shape together know the keys of the shape.
                Assert.Subset(properties, unknown.Known.ToHashSet(StringComparer.Ordinal));
                keys.TryAdd(at, ([], []));
                keys[at].Known.UnionWith(unknown.Known);
                keys[at].Written.UnionWith(map.Select(static pair => pair.Key));
            }
        }

        Assert.All(keys, static shape =>
        {
            var properties = shape.Key["properties"]!.AsObject().Select(static property => property.Key).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(properties, shape.Value.Known.Order(StringComparer.Ordinal));
            Assert.Equal(properties, shape.Value.Written.Order(StringComparer.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(FullFiles))]
    public void AKeyThatIsMissing_IsMissedByBoth(string file)
    {
        var root = YamlAsJson.Read(Path.Combine(Full, file));
        var schema = JsonNode.Parse(PolicySchemas.All[SchemaOf(file)])!.AsObject();
        foreach (var (map, at) in Maps(root, schema, schema).Where(static pair => !pair.Schema.ContainsKey("maxProperties")).ToList())
        {
            foreach (var key in map.Select(static pair => pair.Key).ToList())
            {
                var position = map.IndexOf(key);
                var value = map[key];
                map.Remove(key);
                var isMissed = Load(file, root).Any(problem =>
                    (problem.Code == "PR010" && (problem.Message.Contains($"needs \"{key}\"", StringComparison.Ordinal) || problem.Message.Contains("expects nothing", StringComparison.Ordinal)))
                    || problem.Message.EndsWith("is empty", StringComparison.Ordinal));
                Assert.True(isMissed == Faults(file, root).Count > 0 || IsGivenByDefaults(file, key), $"\"{key}\" of {map.GetPath()}: missed by the reader: {isMissed}");
                map.Insert(position, key, value);
            }
        }
    }

    [Theory]
    [InlineData("rules/core.yaml", "when all", "{agreement in force: baa}", "a paper in \"when all\" of a forbid")]
    [InlineData("rules/core.yaml", "covers data", "[pii]", "classes in a forbid")]
    [InlineData("rules/core.yaml", "effect", "allow", "an effect that does not exist")]
    [InlineData("rules/core.yaml", "in force", "{from: 2026-1-1, until: further notice}", "a date of another shape")]
    public void WhatAReaderRefuses_AnEditorUnderlines(string file, string key, string value, string why)
    {
        var root = YamlAsJson.Read(Path.Combine(Full, file));
        var rule = root["rules"]!.AsArray().Single(static rule => (string?)rule!["id"] == "F-ALL")!.AsObject();
        var parsed = YamlAsJson.Value(value);
        rule[key] = key == "when all" ? new JsonArray(parsed) : parsed;

        Assert.True(Faults(file, root).Count > 0, why);
        Assert.Contains(Load(file, root), static problem => problem.Severity is Severity.Error);
    }

    private static bool IsGivenByDefaults(string file, string key) => key is "owner" or "in force" && (file.StartsWith("rules", StringComparison.Ordinal) || file.StartsWith("tenants", StringComparison.Ordinal));

    private static string SchemaOf(string file) => Path.GetDirectoryName(file) switch
    {
        "rules" => "rules.v1.json",
        "tests" => "tests.v1.json",
        "tenants" => "tenant.v1.json",
        _ => $"{Path.GetFileNameWithoutExtension(file)}.v1.json",
    };

    private static List<string> Faults(string file, JsonObject content)
    {
        using var document = System.Text.Json.JsonDocument.Parse(content.ToJsonString());
        var result = Compiled[SchemaOf(file)].Evaluate(document.RootElement, new() { OutputFormat = OutputFormat.List });
        return result.IsValid ? [] : [.. (result.Details ?? []).Where(static detail => detail.Errors is not null)
            .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")).DefaultIfEmpty("invalid")];
    }

    /// <summary>JSON is YAML: the file is written as JSON and read as any other.</summary>
    private static IReadOnlyList<Problem> Load(string file, JsonObject content)
    {
        using ScratchPack pack = new(Full);
        return pack.Write(file, content.ToJsonString()).Load().Problems;
    }

    private static void AssertDescribed(JsonNode node, string where)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        Assert.True(schema.ContainsKey("description") || schema.ContainsKey("$ref") || schema.ContainsKey("const"), $"{where} has no description");
        foreach (var (key, value) in (schema["properties"] ?? new JsonObject()).AsObject().Concat((schema["definitions"] ?? new JsonObject()).AsObject()))
        {
            AssertDescribed(value!, $"{where}/{key}");
        }

        foreach (var inner in (JsonNode?[])[schema["items"], schema["additionalProperties"], .. (schema["anyOf"] as JsonArray ?? []).Where(static one => one is JsonObject map && !map.ContainsKey("required"))])
        {
            if (inner is JsonObject)
            {
                AssertDescribed(inner, where);
            }
        }
    }

    /// <summary>Every map of a file whose keys are those of the language, with its schema.</summary>
    private static IEnumerable<(JsonObject Map, JsonObject Schema)> Maps(JsonNode? node, JsonObject schema, JsonObject root)
    {
        schema = schema["$ref"] is { } reference ? root["definitions"]![((string)reference!).Split('/')[^1]]!.AsObject() : schema;
        if (node is JsonObject map)
        {
            var properties = schema["properties"] as JsonObject;
            if (properties is not null)
            {
                yield return (map, schema);
            }

            foreach (var (key, value) in map.ToList())
            {
                if ((properties?[key] ?? schema["additionalProperties"]) is JsonObject inner)
                {
                    foreach (var found in Maps(value, inner, root))
                    {
                        yield return found;
                    }
                }
            }
        }
        else if (node is JsonArray list)
        {
            var items = (schema["items"] ?? (schema["anyOf"] as JsonArray)?.Select(static one => one!["items"]).FirstOrDefault(static one => one is not null)) as JsonObject;
            foreach (var found in list.SelectMany(item => items is null ? [] : Maps(item, items, root)))
            {
                yield return found;
            }
        }
    }
}
