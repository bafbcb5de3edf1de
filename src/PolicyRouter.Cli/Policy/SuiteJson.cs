using System.Text.Json;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>A suite report as one JSON document; lists hold what is wrong or missing, counts the rest.</summary>
internal static class SuiteJson
{
    public static string Write(SuiteReport report, PolicyProof proof, string policyVersion, bool good) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("policyVersion", policyVersion);
        writer.WriteBoolean("good", good);
        WriteCases(writer, report);
        writer.WriteString("tooLarge", proof.TooLarge);
        ProofJson.WriteClaims(writer, proof.Claims);
        WriteCoverage(writer, report.Coverage);
        if (report.Mutations is { } mutations)
        {
            WriteMutations(writer, mutations);
        }

        writer.WriteEndObject();
    });

    private static void WriteCases(Utf8JsonWriter writer, SuiteReport report)
    {
        writer.WriteStartObject("cases");
        writer.WriteNumber("passed", report.Cases.Count - report.Failed);
        writer.WriteNumber("failed", report.Failed);
        Array(writer, "failures", report.Cases.Where(static c => !c.Passed), failed =>
        {
            writer.WriteString("name", failed.Name);
            writer.WriteString("file", failed.File);
            writer.WriteNumber("line", failed.Line);
            Array(writer, "differences", failed.Failures, failure =>
            {
                writer.WriteString("about", failure.About);
                JsonText.WriteList(writer, "expected", failure.Expected);
                JsonText.WriteList(writer, "got", failure.Got);
                writer.WriteString("difference", failure.Difference);
            });
        });
        writer.WriteEndObject();
    }

    private static void WriteCoverage(Utf8JsonWriter writer, CoverageReport coverage)
    {
        writer.WriteStartObject("coverage");
        Part("rules", coverage.Rules.Count, () => JsonText.WriteList(writer, "uncovered", coverage.Rules.Where(static r => !r.Covered).Select(static r => r.Id)));
        Part("exceptions", coverage.Arms.Count, () => Array(writer, "uncovered", coverage.Arms.Where(static a => !a.Covered), arm =>
        {
            writer.WriteString("rule", arm.Rule);
            writer.WriteNumber("number", arm.Number);
            writer.WriteString("phrase", arm.Phrase);
        }));
        Part("dateEdges", coverage.Edges.Count, () => Array(writer, "uncovered", coverage.Edges.Where(static e => !e.Covered), edge =>
        {
            writer.WriteString("day", SuiteText.Iso(edge.Day));
            JsonText.WriteList(writer, "changes", edge.Changes);
            JsonText.WriteList(writer, "noCaseOn", SuiteText.Untested(edge).Select(SuiteText.Iso));
        }));
        writer.WriteEndObject();

        void Part(string name, int total, Action uncovered)
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("total", total);
            uncovered();
            writer.WriteEndObject();
        }
    }

    private static void WriteMutations(Utf8JsonWriter writer, MutationReport mutations)
    {
        writer.WriteStartObject("mutants");
        writer.WriteNumber("total", mutations.Mutants.Count);
        writer.WriteNumber("killed", mutations.Killed);
        writer.WriteNumber("equivalent", mutations.Equivalent);
        writer.WriteNumber("survived", mutations.Survived);
        Array(writer, "survivors", mutations.Mutants.Where(static m => m.Fate is MutantFate.Survived), mutant =>
        {
            writer.WriteString("kind", mutant.Kind);
            writer.WriteString("change", mutant.Change);
            writer.WriteString("hint", mutant.Hint);
        });
        writer.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
