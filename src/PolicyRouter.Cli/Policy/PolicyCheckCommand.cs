using System.CommandLine;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Cli.Policy;

/// <summary><c>policy check [DIR]</c>: every problem of a folder at once: what is written wrong, what the whole of it proves wrong, and what to think about. Exit 0 when it would load, 3 when it would not.</summary>
internal static class PolicyCheckCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        Command command = new("check", "Loads, validates and analyses a policy folder and prints every problem with its place.") { folder, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, bool json, TextWriter output, TextWriter error)
    {
        var result = PolicyLoading.Load(folder, review: true);
        foreach (var problem in result.Problems)
        {
            (json ? error : output).WriteLine(ProblemPrinter.Print(problem));
        }

        if (json)
        {
            output.WriteLine(Json(result));
        }
        else if (result is PolicyLoadResult.Loaded loaded)
        {
            var snapshot = loaded.Snapshot;
            output.WriteLine(
                $"{ProblemPrinter.Summary(result.Problems)}. {snapshot.Deployments.Count} deployments, {snapshot.Routes.Count} routes, version {snapshot.Version}");
        }
        else
        {
            output.WriteLine($"{ProblemPrinter.Summary(result.Problems)}. {PolicyLoading.NothingLoaded}");
        }

        return result is PolicyLoadResult.Loaded ? ExitCodes.Good : ExitCodes.InputNotLoaded;
    }

    private static string Json(PolicyLoadResult result) => JsonText.Write(writer =>
    {
        var snapshot = (result as PolicyLoadResult.Loaded)?.Snapshot;
        writer.WriteStartObject();
        writer.WriteBoolean("loaded", snapshot is not null);
        writer.WriteString("policyVersion", snapshot?.Version);
        writer.WriteNumber("errors", result.Problems.Count(static p => p.Severity is Severity.Error));
        writer.WriteNumber("warnings", result.Problems.Count(static p => p.Severity is Severity.Warning));
        ProblemJson.WriteProperty(writer, result.Problems);
        writer.WriteEndObject();
    });
}
