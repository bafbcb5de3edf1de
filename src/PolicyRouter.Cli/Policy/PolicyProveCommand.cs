using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy prove [DIR]</c>: every never-claim and availability claim, for every request on every date. Exit 0 when all hold, 1 when one is
/// disproved or could not be proved, 3 when the folder does not load.
/// </summary>
internal static class PolicyProveCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        Command command = new("prove", "Proves or disproves every claim of a policy folder for every request on every date.") { folder, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, bool json, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot: var snapshot })
        {
            return PolicyLoading.NotLoaded;
        }

        var started = Stopwatch.GetTimestamp();
        var proof = Prover.Prove(snapshot, snapshot.DayOf(TimeProvider.System.GetUtcNow()));
        var took = Stopwatch.GetElapsedTime(started);
        if (json)
        {
            output.WriteLine(JsonText.Write(writer => Write(writer, proof, snapshot.Version)));
        }
        else
        {
            Print(proof, took, output);
        }

        return proof.Holds ? PolicyLoading.Good : PolicyLoading.AnswerIsNo;
    }

    private static void Print(PolicyProof proof, TimeSpan took, TextWriter output)
    {
        PrintClaims(proof.Claims, output);
        if (proof.TooLarge is { } dimension)
        {
            output.WriteLine($"Never-claims not proved: too large ({dimension}).");
            return;
        }

        if (proof.Analysis is { } analysis)
        {
            Note(output, "rules that can never fire", analysis.NeverFire);
            Note(output, "permits whose removal would change nothing", analysis.RemovablePermits);
            Note(output, "data classes that no deployment may ever receive (safe, but is it meant?)", analysis.UnreachableClasses);
            Note(output, "deployments that no request reaches", analysis.UnreachableDeployments);
            Note(
                output, "guard rails: forbids that change no decision today because other rules already do",
                [.. analysis.SoleBlocker.Where(static one => one.Value == 0).Select(static one => one.Key).Except(analysis.NeverFire).Order(StringComparer.Ordinal)]);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{proof.Claims.Count(static c => c.Holds)} of {proof.Claims.Count} claims proved over {Number(proof.States)} states ({proof.Situations:N0} situations) in {took.TotalSeconds:0.00} s."));
    }

    internal static void PrintClaims(IEnumerable<ClaimProof> claims, TextWriter output)
    {
        foreach (var claim in claims)
        {
            output.WriteLine($"{(claim.Holds ? "proved   " : "DISPROVED")} {claim.Id}  {claim.Claim}");
            if (claim.Counterexample is { } against)
            {
                output.WriteLine($"  {Number(claim.Violations)} counterexamples. The simplest: {against.Sentence}");
                output.WriteLine($"  As a case for tests/:\n{against.TestCase}");
            }
        }
    }

    private static void Note(TextWriter output, string what, IReadOnlyList<string> which)
    {
        if (which.Count > 0)
        {
            output.WriteLine($"note: {what}: {string.Join(", ", which)}");
        }
    }

    private static string Number(UInt128 number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter writer, PolicyProof proof, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("policyVersion", version);
        writer.WriteBoolean("holds", proof.Holds);
        writer.WriteString("tooLarge", proof.TooLarge);
        writer.WritePropertyName("states");
        writer.WriteRawValue(proof.States.ToString(CultureInfo.InvariantCulture));
        writer.WriteNumber("situations", proof.Situations);
        WriteClaims(writer, proof.Claims);
        if (proof.Analysis is { } analysis)
        {
            writer.WriteStartObject("analysis");
            JsonText.WriteList(writer, "neverFire", analysis.NeverFire);
            JsonText.WriteList(writer, "removablePermits", analysis.RemovablePermits);
            JsonText.WriteList(writer, "unreachableClasses", analysis.UnreachableClasses);
            JsonText.WriteList(writer, "unreachableDeployments", analysis.UnreachableDeployments);
            writer.WriteStartObject("soleBlocker");
            foreach (var (rule, count) in analysis.SoleBlocker.OrderBy(static one => one.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(rule);
                writer.WriteRawValue(count.ToString(CultureInfo.InvariantCulture));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    internal static void WriteClaims(Utf8JsonWriter writer, IEnumerable<ClaimProof> claims)
    {
        writer.WriteStartArray("claims");
        foreach (var claim in claims)
        {
            writer.WriteStartObject();
            writer.WriteString("id", claim.Id);
            writer.WriteString("claim", claim.Claim);
            writer.WriteBoolean("holds", claim.Holds);
            writer.WritePropertyName("violations");
            writer.WriteRawValue(claim.Violations.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("counterexample", claim.Counterexample?.Sentence);
            writer.WriteString("deployment", claim.Counterexample?.Deployment);
            writer.WriteString("testCase", claim.Counterexample?.TestCase);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
