using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Policies.Schemas;

/// <summary>
/// JSON Schemas (draft-07) of every kind of policy file, for editors: they complete and explain what is written. What loads is decided by the readers, which
/// know more: names that other files define, dates, contradictions.
/// </summary>
public static class PolicySchemas
{
    /// <summary>The folder of a policy in which they lie.</summary>
    public const string Folder = "schema";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>File name and content of each, in ordinal order of the names.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string, string>(
        new Dictionary<string, JsonObject>(StringComparer.Ordinal)
        {
            ["data-classes.v1.json"] = DataClassesSchema.Create(),
            ["endpoints.v1.json"] = EndpointsSchema.Create(),
            ["redaction.v1.json"] = RedactionSchema.Create(),
            ["registry.v1.json"] = RegistrySchema.Create(),
            ["routes.v1.json"] = RoutesSchema.Create(),
            ["rules.v1.json"] = RulesSchema.Rules(),
            ["tenant.v1.json"] = RulesSchema.Tenant(),
            ["tests.v1.json"] = TestsSchema.Create(),
        }.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToJsonString(Readable) + "\n", StringComparer.Ordinal),
        StringComparer.Ordinal);
}
