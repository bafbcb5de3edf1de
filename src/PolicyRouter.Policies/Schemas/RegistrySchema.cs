using System.Text.Json.Nodes;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schema of <c>registry.yaml</c>.</summary>
internal static class RegistrySchema
{
    private const string Unknown = Deployment.UnknownPlace;

    public static JsonObject Create() => File("registry", "The registry: who we may talk to, under which signed papers", Map(
        "Deployments, the papers signed with their providers, and the people who may sign.",
        ("format", Format("registry")),
        ("legal timezone", Text("The IANA time zone in which days begin and end, as America/New_York.")),
        ("people?", List("Who may sign approvals and break-glass tokens.", Person(), mayBeEmpty: true)),
        ("agreements?", List("Papers signed with providers.", Agreement(), mayBeEmpty: true)),
        ("deployments", List("What a request can be sent to. One entry is one endpoint, model and configuration; never \"a provider\".", DeploymentEntry()))));

    private static JsonObject Person() => Map(
        "One person.",
        ("id", Name("How signatures name the person.")),
        ("name", Text("The person's name.")),
        ("roles", List("What the person may sign for: break-glass, or a role that a rule or a lowering asks for.", Name("A role."))),
        ("public key", Text("A P-256 public key (SubjectPublicKeyInfo) in one line of base64. Never the private one.")));

    private static JsonObject Agreement()
    {
        var agreement = Map(
            "One signed paper. It must fit a request as a whole: two half-papers do not add up.",
            ("id", Name("How decisions and reminders name the paper.")),
            ("type", OneOf("baa: business associate contract (HIPAA). dpa: processor contract. transfer: ground for moving data between zones.", AgreementInForce.Known)),
            ("with", Text("The provider it is signed with, as its deployments name it.")),
            ("in force", InForce("When the paper is in force.")),
            ("review by?", Date("When somebody must look at it again. A reminder, without effect on decisions.")),
            ("terminated on?", Date("The first day on which it no longer holds, whatever its dates say.")),
            ("covers", Covers()),
            ("only if?", ConditionSchemas.Any("What must hold of a deployment for the paper to reach it.", Place.OnlyIf, Effect.Permit)),
            ("document", Map(
                "The paper itself.",
                ("path", Text("Where the signed document is kept.")),
                ("sha256", Text("Its SHA-256 in 64 hexadecimal digits, so that it can be told from another version.")),
                ("signed on", Date("When it was signed. It holds for no day before.")))));
        agreement["if"] = new JsonObject { ["properties"] = new JsonObject { ["type"] = Const("transfer") }, ["required"] = Array(["type"]) };
        agreement["then"] = Requires("transfers");
        agreement["else"] = Requires("regions");
        return agreement;
    }

    private static JsonObject Requires(string key) =>
        new() { ["properties"] = new JsonObject { ["covers"] = new JsonObject { ["required"] = Array([key]) } } };

    private static JsonObject Covers() => Map(
        "What the paper is about. What it does not list it does not cover.",
        ("services", Words("Services, as deployments name theirs.")),
        ("models", AnyOf("Models, as deployments name theirs, or any.", Const("any"), Words("Models."))),
        ("features", Words("Features that requests may use under it.")),
        ("regions?", Words("Zones in which data may be processed and stored under it.")),
        ("transfers?", List("Of a transfer paper: from where to where data may go.", Map(
            "One direction.",
            ("from", Text("The zone where the people live.")),
            ("to", Text("The zone where data is processed or stored."))), mayBeEmpty: true)));

    private static JsonObject DeploymentEntry() => Map(
        "One endpoint with one model and one configuration.",
        ("id", Name("How rules, routes and decisions name it.")),
        ("provider", Text("The company that runs it; papers are signed with it.")),
        ("service", Text("The service it belongs to, as the papers name it.")),
        ("model", Text("The model, as the papers name it.")),
        ("hosting", OneOf("Who runs the machine.", [.. HostingIs.Known, Unknown])),
        ("features", Words("What it can do. A request that uses anything else cannot go there.")),
        ("processing regions", Words("Every zone in which it may process, remote support included; unknown is never covered.")),
        ("storage regions", Words("Every zone in which it may store; unknown is never covered.")),
        ("retention days", AnyOf("For how many days it keeps prompts: 0 for not at all, or unknown.", Integer("Days.", 0, 36_500), Const(Unknown))),
        ("training on our data", OneOf("Whether our prompts may train a model.", [.. TrainingIs.Known, Unknown])),
        ("provider reviews content?", OneOf("Whether people at the provider may read prompts.", [.. ProviderReviewsContent.Known, Unknown])),
        ("on residency mismatch?", OneOf("What follows when its provider says that it ran a request outside its processing regions: a record and an alert, or its suspension as well. Default: record.", ["record", "suspend"])),
        ("evidence?", Map(
            "Who checked these facts. 180 days after the check they count as unknown.",
            ("checked on", Date("The day of the check.")),
            ("by", Text("Who checked.")),
            ("source", Text("What was looked at.")))),
        ("status", OneOf("Only approved ones receive anything; suspended is the kill switch.", [.. DeploymentStatusIs.Known, Unknown])),
        ("notes?", Text("For the reader; without effect.")));
}
