using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Fuzz;

/// <summary>Compares JSON by what it says; numbers by their digits, because no comparison of values takes every exponent.</summary>
internal static class SameJson
{
    public static bool Are(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (null, null) => true,
        (JsonObject one, JsonObject other) => one.Count == other.Count && one.All(member => other.TryGetPropertyValue(member.Key, out var value) && Are(member.Value, value)),
        (JsonArray one, JsonArray other) => one.Count == other.Count && one.Zip(other).All(static pair => Are(pair.First, pair.Second)),
        (JsonValue one, JsonValue other) => one.GetValueKind() == other.GetValueKind() && (one.GetValueKind() is JsonValueKind.String
            ? one.GetValue<string>() == other.GetValue<string>()
            : one.ToJsonString() == other.ToJsonString()),
        _ => false,
    };
}
