using System.Text.Json.Nodes;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Rules;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schema of the files of <c>tests/</c>.</summary>
internal static class TestsSchema
{
    private static readonly string[] Expectations = ["permitted", "denied", "duties"];

    public static JsonObject Create() => File("tests", "What counsel expects", Map(
        "Cases, and claims that are proved for every request on every date.",
        ("format", Format("tests")),
        ("today", Date("The day the cases are decided for; the real clock is never read.")),
        ("cases?", List("Questions with their exact answers.", Case(), mayBeEmpty: true)),
        ("never?", List("What must never happen, whoever approved or lifted what.", Map(
            "One promise. It is broken by a request that is permitted although all of these hold and none of those does.",
            ("id", Name("How proofs name it.")),
            ("claim", Text("What must never happen, in one sentence.")),
            ("when all", ConditionSchemas.List("When this happens.", Place.NeverWhen, Effect.Forbid)),
            ("unless any?", ConditionSchemas.List("Except when any of these holds.", Place.NeverUnless, Effect.Forbid))), mayBeEmpty: true)),
        ("always?", List("What must always be answered.", Map(
            "One promise: somebody may answer, from today on.",
            ("id", Name("How proofs name it.")),
            ("claim", Text("What is always answered, in one sentence.")),
            ("route?", Text("The route it is asked on.")),
            ("given", Reference("given")),
            ("survives", OneOf("What may be lost at the same time.", [SuiteReader.AnyFailureDomain]))), mayBeEmpty: true))),
        new() { ["given"] = Given() });

    private static JsonObject Case()
    {
        var policyCase = Map(
            "One question on one day, and the exact answer. What is left out is not expected.",
            ("name", Text("What it is about. No two cases have the same.")),
            ("today?", Date("The day, if not that of the file.")),
            ("given", Reference("given")),
            ("permitted?", Words("Exactly who may receive it, in order.", mayBeEmpty: true)),
            ("denied?", MapOf(
                "Per deployment every reason: a forbid's id, \"no permit for CLASS\", \"feature not offered: FEATURE\", \"approval needed: ROLE\", \"contradictory duties\", \"unknown tenant\".",
                Words("Every reason."))),
            ("duties?", MapOf("Per deployment every duty: ids of require rules.", Words("Every duty.", mayBeEmpty: true))));
        policyCase["anyOf"] = new JsonArray([.. Expectations.Select(static key => new JsonObject { ["required"] = Array([key]) })]);
        return policyCase;
    }

    private static JsonObject Given() => Map(
        "The request that is asked about.",
        ("floor?", Words("Classes that the app's token carries at least.", mayBeEmpty: true)),
        ("data", Words("Classes that the request declares.", mayBeEmpty: true)),
        ("detected?", Words("Classes that are found in its text.", mayBeEmpty: true)),
        ("subjects?", Words("Zones where the people live; nobody said when it is left out or empty.", mayBeEmpty: true)),
        ("purpose?", Text("What it is for; nobody said when it is left out.")),
        ("features", Words("What it uses.", mayBeEmpty: true)),
        ("route?", Text("A route, a deployment or auto; everybody is asked about when it is left out.")),
        ("caller?", Text("The app.")),
        ("business unit?", Text("The part of the organisation.")),
        ("tenant?", Text("The tenant.")),
        ("approvals?", MapOf("Approvals that it holds: a rule's id, and the role that approved.", Name("A role."))));
}
