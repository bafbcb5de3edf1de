using System.Text.Json.Nodes;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Pieces of a JSON Schema (draft-07). Everything that can be written in a file says what it is.</summary>
internal static class SchemaParts
{
    private const string IsoDate = @"^\d{4}-\d{2}-\d{2}$";
    private const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    public static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string", ["minLength"] = 1 };

    /// <summary>A name that other lines may refer to.</summary>
    public static JsonObject Name(string description) => new() { ["description"] = description, ["type"] = "string", ["pattern"] = NamePattern };

    public static JsonObject Pattern(string description, string pattern) => new() { ["description"] = description, ["type"] = "string", ["pattern"] = pattern };

    public static JsonObject Date(string description) => Pattern($"{description} A day as 2026-12-31.", IsoDate);

    public static JsonObject Integer(string description, int least, int most) =>
        new() { ["description"] = description, ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    public static JsonObject OneOf(string description, IEnumerable<string> words) => new() { ["description"] = description, ["enum"] = Array(words) };

    /// <summary>A list of words that the policy's own files define.</summary>
    public static JsonObject Words(string description, bool mayBeEmpty = false) => List(description, Text("One word of the list."), mayBeEmpty);

    public static JsonObject List(string description, JsonObject items, bool mayBeEmpty = false)
    {
        JsonObject list = new() { ["description"] = description, ["type"] = "array", ["items"] = items, ["uniqueItems"] = true };
        if (!mayBeEmpty)
        {
            list["minItems"] = 1;
        }

        return list;
    }

    /// <summary>One shape or another. Editors show the description of the shape that fits, so that each has the whole one.</summary>
    public static JsonObject AnyOf(string description, params JsonObject[] shapes)
    {
        foreach (var shape in shapes)
        {
            shape["description"] = description;
        }

        return new() { ["description"] = description, ["anyOf"] = new JsonArray([.. shapes]) };
    }

    public static JsonObject Const(string word) => new() { ["const"] = word };

    public static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    /// <summary>A map of exactly these keys; those whose names end in <c>?</c> may be left out.</summary>
    public static JsonObject Map(string description, params (string Key, JsonObject Value)[] keys)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach (var (key, value) in keys)
        {
            properties[key.TrimEnd('?')] = value;
            if (!key.EndsWith('?'))
            {
                required.Add(key);
            }
        }

        return new()
        {
            ["description"] = description,
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }

    /// <summary>A map whose keys the policy's own files define.</summary>
    public static JsonObject MapOf(string description, JsonObject value) =>
        new() { ["description"] = description, ["type"] = "object", ["additionalProperties"] = value };

    /// <summary>The dates of <c>in force</c>.</summary>
    public static JsonObject InForce(string what) => Map(
        $"{what} Whole days in the legal time zone, both ends included.",
        ("from", Date("The first day.")),
        ("until", AnyOf("The last day, which still counts, or further notice. It must be written.", Date("The last day."), Const("further notice"))));

    /// <summary>A whole file.</summary>
    public static JsonObject File(string name, string title, JsonObject map, JsonObject? definitions = null)
    {
        JsonObject file = new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["$id"] = $"urn:policyrouter:schema:{name}.v1",
            ["title"] = title,
        };
        foreach (var (key, value) in map.ToList())
        {
            map.Remove(key);
            file[key] = value;
        }

        if (definitions is not null)
        {
            file["definitions"] = definitions;
        }

        return file;
    }

    public static JsonObject Format(string name) => OneOf("Which kind of file this is, and the version of its format.", [$"policyrouter/{name}/v1"]);

    public static JsonArray Array(IEnumerable<string> words) => [.. words.Select(static word => JsonValue.Create(word))];
}
