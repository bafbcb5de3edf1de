using System.CommandLine;
using PolicyRouter.Policies.Printing;

namespace PolicyRouter.Cli.Policy;

/// <summary><c>policy print [DIR]</c>: the document that legal signs, on standard output.</summary>
internal static class PolicyPrintCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var on = PolicyLoading.DayOption("--on", "The day, as 2026-12-31; today in the legal time zone unless given.");
        Option<string> format = new("--format") { Description = "markdown or html.", DefaultValueFactory = static _ => "markdown" };
        format.AcceptOnlyFromAmong("markdown", "html");
        Command command = new("print", "Prints the rules as numbered English with the table of who may go where, for signature.") { folder, on, format };
        command.SetAction(parsed =>
        {
            if (PolicyLoading.LoadOrReport(parsed.GetValue(folder)!, parsed.InvocationConfiguration.Error) is not { Snapshot: var snapshot })
            {
                return ExitCodes.InputNotLoaded;
            }

            var day = parsed.GetValue(on) ?? snapshot.DayOf(TimeProvider.System.GetUtcNow());
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(format) == "html" ? PolicyPrinter.Html(snapshot, day) : PolicyPrinter.Markdown(snapshot, day));
            return ExitCodes.Good;
        });
        return command;
    }
}
