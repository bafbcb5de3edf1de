using System.Text.Json.Nodes;
using PolicyRouter.Policies.Reading;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schema of <c>endpoints.yaml</c>.</summary>
internal static class EndpointsSchema
{
    private const string Duration = "^[0-9]{1,6}(ms|s|m|h)$";

    public static JsonObject Create() => File("endpoints", "Endpoints: how each deployment is reached", Map(
        "Destinations come from here and nowhere else. Credentials are references, never secrets.",
        ("format", Format("endpoints")),
        ("endpoints", MapOf("One entry per deployment of the registry, under its id.", Map(
            "How one deployment is reached.",
            ("url", Text("Its base address: absolute https, without credentials, query or fragment.")),
            ("wire", OneOf("The wire format it speaks.", EndpointsReader.WireNames)),
            ("upstream model", Text("The model's name in requests to it; on Bedrock the id or profile of the model.")),
            ("api version?", Pattern("Azure OpenAI's dated API version, with which the upstream model is the name of the deployment there. Without it: the API without versions.", "^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$")),
            ("inference geo?", Text("The geography that requests to Anthropic ask for. Without it they ask for none, and may run anywhere.")),
            ("answers as?", Words("The model ids that answers may name, where it is not the upstream model; a date or build may stand behind them.")),
            ("credential?", Pattern(
                "A reference to its key: vault:NAME, env:NAME or file:PATH. Or the gateway's own identity: identity:azure (Entra ID), identity:google.",
                "^(vault:[A-Za-z0-9-]+|env:[A-Za-z0-9_]+|file:.+|identity:(azure|google))$")),
            ("fails with", Words("Failure domains: what fails together with it. A cloud, region, identity service or model lab.")),
            ("price per million tokens?", Map(
                "What it costs, for routes that are ordered by price.",
                ("input", Amount("Per million tokens of the prompt.")),
                ("output", Amount("Per million tokens of the answer.")),
                ("currency", Pattern("Three capital letters, the same for all endpoints.", "^[A-Z]{3}$")))),
            ("context window?", Integer("The most tokens that a prompt may have together with the answer it asks for.", 1, 100_000_000)),
            ("concurrent requests?", Integer("The most requests that it gets at once from one gateway. More go to the next permitted deployment.", 1, 100_000)),
            ("timeouts?", Map(
                "How long the gateway waits before it goes elsewhere.",
                ("connect?", Pattern("For a connection.", Duration)),
                ("first token?", Pattern("For the beginning of an answer.", Duration)),
                ("between tokens?", Pattern("Between two parts of a streamed answer.", Duration)),
                ("total?", Pattern("For the whole answer.", Duration)))))))));

    private static JsonObject Amount(string description) => new() { ["description"] = description, ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1_000_000 };
}
