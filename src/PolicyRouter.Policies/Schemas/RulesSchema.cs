using System.Text.Json.Nodes;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Rules;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schemas of the files of <c>rules/</c> and <c>tenants/</c>.</summary>
internal static class RulesSchema
{
    private static readonly Dictionary<string, string[]> Needs = new(StringComparer.Ordinal)
    {
        ["forbid"] = ["when all"],
        ["permit"] = ["covers data"],
        ["prefer"] = ["prefer"],
        ["require"] = ["when all", "duty"],
    };

    private static readonly Dictionary<string, string[]> Offers = new(StringComparer.Ordinal)
    {
        ["forbid"] = ["strength"],
        ["permit"] = ["covers data"],
        ["prefer"] = ["prefer"],
        ["require"] = ["duty"],
    };

    public static JsonObject Rules() => File("rules", "Rules: who may receive what, and what must be done first", Map(
        "Nothing is allowed unless a permit says so, and a forbid always wins. The order of rules and files never matters.",
        ("format", Format("rules")),
        ("defaults?", Defaults()),
        ("rules", List("The rules of this file.", Reference("rule")))), new() { ["rule"] = Rule(RulesReader.Effects) });

    public static JsonObject Tenant() => File("tenant", "Bounds that one tenant sets itself", Map(
        "They narrow the policy and can grant nothing. The file's name is the tenant's. Once there is one such file, a tenant without one is denied everything.",
        ("format", Format("tenant")),
        ("defaults?", Defaults()),
        ("rules?", List("Forbids and duties that bind this tenant besides those of the policy.", Reference("rule"), mayBeEmpty: true)),
        ("narrow permits?", List("Permits of the policy that this tenant narrows.", Map(
            "One permit, narrowed.",
            ("permit", Name("The id of the permit.")),
            ("when all", ConditionSchemas.List("What must hold besides its own conditions.", Place.When, Effect.Permit))), mayBeEmpty: true))),
        new() { ["rule"] = Rule(TenantReader.Effects) });

    private static JsonObject Defaults() => Map(
        "What holds for every rule of this file that does not say otherwise.",
        ("owner?", Text("Who answers for the rules.")),
        ("in force?", InForce("When the rules are in force.")));

    private static JsonObject Rule(IReadOnlyList<string> effects)
    {
        Effect[] known = [.. effects.Select(static effect => Enum.Parse<Effect>(effect, ignoreCase: true))];
        List<(string, JsonObject)> keys =
        [
            ("id", Name("How decisions and tests name the rule. Never used again for something else.")),
            ("title", Text("The rule in one sentence.")),
            ("effect", OneOf("permit lets data go; forbid denies, whatever permits say; require adds a duty; prefer only sorts what is permitted.", effects)),
            ("shadow?", new() { ["description"] = "true puts the rule on trial: evaluated and recorded, without effect.", ["type"] = "boolean" }),
            ("when all?", ConditionSchemas.List("The rule fires when all of these hold.", Place.When, known)),
            ("unless any?", ConditionSchemas.List("And it does not fire when any of these holds.", Place.Unless, known)),
            ("reason", Text("Why, in one sentence. Callers who are denied see it; it never holds content.")),
            ("citation", AnyOf("The laws, standards or company policies it rests on.", Text("One of them."), Words("Several."))),
            ("owner?", Text("Who answers for the rule. Needed unless the defaults name somebody.")),
            ("in force?", InForce("When the rule is in force. Needed unless the defaults say.")),
        ];
        if (effects.Contains("permit"))
        {
            keys.Add(("covers data?", Words("Of a permit: the classes it speaks for. Each class of a request needs a permit of its own.")));
        }

        keys.Add(("duty?", Duty()));
        keys.Add(("strength?", OneOf(
            "Of a forbid: absolute (the default) is never lifted; overridable can be lifted by two people for four hours; advisory warns and blocks nothing.",
            RulesReader.Strengths)));
        if (effects.Contains("prefer"))
        {
            keys.Add(("prefer?", ConditionSchemas.List("Of a preference: deployments of which all of these hold are moved forward.", Place.Prefer, Effect.Prefer)));
        }

        var rule = Map("One rule: what it does when all of these hold unless any of those does, because of a reason and a law.", [.. keys]);
        rule["allOf"] = new JsonArray([.. effects.Select(effect => Branch(effect, effects))]);
        return rule;
    }

    /// <summary>What a rule of this effect needs, what it may not have, and which phrases may stand in it.</summary>
    private static JsonObject Branch(string effect, IReadOnlyList<string> effects)
    {
        var one = Enum.Parse<Effect>(effect, ignoreCase: true);
        JsonObject properties = new()
        {
            ["when all"] = ConditionSchemas.List("The rule fires when all of these hold.", Place.When, one),
            ["unless any"] = ConditionSchemas.List("And it does not fire when any of these holds.", Place.Unless, one),
        };
        foreach (var key in effects.SelectMany(other => Offers[other]).Except(Offers[effect], StringComparer.Ordinal))
        {
            properties[key] = false;
        }

        return new()
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["effect"] = Const(effect) }, ["required"] = Array(["effect"]) },
            ["then"] = new JsonObject { ["properties"] = properties, ["required"] = Array(Needs[effect]) },
        };
    }

    private static JsonObject Duty()
    {
        var duty = Map(
            "Of a require rule: what must be done before the request is sent, and with its record.",
            ("redact?", Text("The redaction profile that is applied before anything is sent, as hipaa-direct-identifiers.")),
            ("audit?", OneOf("How much of the request is recorded. The most that any rule asks for counts.", AuditLevels)),
            ("keep years?", Integer("For how many years the record is kept at least. The longest counts.", 1, 100)),
            ("retention days?", Integer("For how many days the record may be kept at most. The shortest counts.", 0, 36_500)),
            ("approval?", Name("The role of a person who must approve this very request first.")));
        duty["minProperties"] = 1;
        return duty;
    }

    private static string[] AuditLevels => PolicyRouter.Policies.Rules.Duty.AuditLevels;
}
