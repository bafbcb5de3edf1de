using System.Text.Json.Nodes;
using PolicyRouter.Policies.Reading;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schema of <c>routes.yaml</c>.</summary>
internal static class RoutesSchema
{
    public static JsonObject Create()
    {
        var route = Map(
            "One name that apps may write in \"model\".",
            ("model", Name("The name.")),
            ("candidates", AnyOf("Deployments it may lead to, as far as the rules permit, or any.", Const("any"), Words("Deployments."))),
            ("order", OneOf("In which order they are tried: listed, or the cheapest, the fastest or a balance first.", RoutesReader.Orders)),
            ("when exhausted?", OneOf("What the caller gets when none of them answers.", RoutesReader.WhenExhausted)),
            ("hand off?", Map(
                "How a person takes over.",
                ("message", new JsonObject
                {
                    ["description"] = "What the caller is told, as an answer of the assistant.", ["type"] = "string", ["minLength"] = 1, ["maxLength"] = RoutesReader.LongestMessage,
                }),
                ("webhook", Text("The https address that gets the request, with everything removed that could identify a person.")),
                ("credential?", Pattern("A reference to the key that signs each post: vault:NAME, env:NAME or file:PATH.", "^(vault:[A-Za-z0-9-]+|env:[A-Za-z0-9_]+|file:.+)$")))));
        route["if"] = new JsonObject
        {
            ["properties"] = new JsonObject { ["when exhausted"] = Const("hand off") },
            ["required"] = Array(["when exhausted"]),
        };
        route["then"] = new JsonObject { ["required"] = Array(["hand off"]) };
        return File("routes", "Routes: what apps may ask for by name", Map(
            "A route orders what the rules permit; it never permits.",
            ("format", Format("routes")),
            ("routes", List("The names.", route, mayBeEmpty: true))));
    }
}
