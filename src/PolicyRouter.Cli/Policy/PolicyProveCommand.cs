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
            return ExitCodes.InputNotLoaded;
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

        return proof.Holds ? ExitCodes.Good : ExitCodes.AnswerIsNo;
    }

    private static void Print(PolicyProof proof, TimeSpan took, TextWriter output)
    {
        ProofText.WriteClaims(proof.Claims, proof.IsCounted, output);
        if (proof.TooLarge is not null)
        {
            output.WriteLine(ProofText.Verdict(proof));
            return;
        }

        if (proof.Analysis is { } analysis)
        {
            Note(output, "permits that another permit contains", [.. analysis.SubsumedPermits.Select(static permit => $"{permit.Permit} in {permit.By}")]);
            Note(output, "duties that contradict one another for a request that is otherwise allowed", analysis.ContradictoryDuties);
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
            $"{ProofText.Verdict(proof).TrimEnd('.')} over {ProofText.Number(proof.States)} states ({proof.Situations:N0} situations{(proof.IsCounted ? "" : ", on the smallest sets of classes")}) in {took.TotalSeconds:0.00} s."));
    }

    private static void Note(TextWriter output, string what, IReadOnlyList<string> which)
    {
        if (which.Count > 0)
        {
            output.WriteLine($"note: {what}: {string.Join(", ", which)}");
        }
    }

    private static void Write(Utf8JsonWriter writer, PolicyProof proof, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("policyVersion", version);
        writer.WriteBoolean("holds", proof.Holds);
        writer.WriteString("tooLarge", proof.TooLarge);
        writer.WritePropertyName("states");
        writer.WriteRawValue(proof.States.ToString(CultureInfo.InvariantCulture));
        writer.WriteNumber("situations", proof.Situations);
        writer.WriteBoolean("counted", proof.IsCounted);
        ProofJson.WriteClaims(writer, proof.Claims);
        if (proof.Analysis is { } analysis)
        {
            writer.WriteStartObject("analysis");
            JsonText.WriteList(writer, "neverFire", analysis.NeverFire);
            JsonText.WriteList(writer, "removablePermits", analysis.RemovablePermits);
            writer.WriteStartObject("subsumedPermits");
            foreach (var permit in analysis.SubsumedPermits)
            {
                writer.WriteString(permit.Permit, permit.By);
            }

            writer.WriteEndObject();
            JsonText.WriteList(writer, "contradictoryDuties", analysis.ContradictoryDuties);
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
}
