using System.CommandLine;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy test [DIR]</c>: runs the cases and proves the claims beside the rules, and tells what the cases hold in place. Exit 0 when all
/// pass, 1 when a case fails, there is none, or a claim is not proved, 3 when the folder cannot be loaded. With <c>--strict</c> also 1 when
/// something is not covered.
/// </summary>
internal static class PolicyTestCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        Option<bool> strict = new("--strict") { Description = "Fail also when a rule, exception or date is not covered, or a changed policy goes unnoticed." };
        Option<bool> noMutations = new("--no-mutations") { Description = "Do not try what the cases would notice if the policy were changed." };
        Command command = new("test", "Runs the cases and proves the claims beside the rules, and measures what the cases cover.") { folder, json, strict, noMutations };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetValue(json), parsed.GetValue(strict), !parsed.GetValue(noMutations),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, bool json, bool strict, bool mutations, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot: var snapshot })
        {
            return ExitCodes.InputNotLoaded;
        }

        var report = SuiteRunner.Run(snapshot, mutations);
        var proof = Prover.Prove(snapshot, snapshot.DayOf(TimeProvider.System.GetUtcNow()));
        var good = report.Cases.Count > 0 && report.Failed == 0 && proof.Holds && (!strict || report.HoldsEverything);
        if (json)
        {
            output.WriteLine(SuiteJson.Write(report, proof, snapshot.Version, good));
        }
        else
        {
            SuiteText.Write(report, proof, output);
        }

        return good ? ExitCodes.Good : ExitCodes.AnswerIsNo;
    }
}
