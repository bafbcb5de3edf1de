using System.CommandLine;
using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>audit prepare</c>: makes the log's tables, or brings them up to date, with a role that may; so that gateways need one that may only add. Exit 4 when it cannot.</summary>
internal static class AuditPrepareCommand
{
    internal static Command Create()
    {
        Option<string> database = new("--database") { Description = "The database of the audit log, with a role that may create tables.", Required = true, HelpName = "CONN" };
        Command command = new("prepare", "Creates or updates the tables of the audit log.") { database };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(database), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(string database, TextWriter output, TextWriter error, CancellationToken cancellationToken) => AuditVerb.EndAsync(error, async () =>
    {
        await AuditLog.CreateTablesAsync(WrongConnectionStringException.Require(database), cancellationToken);
        await output.WriteLineAsync("The tables of the audit log are there.");
        return ExitCodes.Good;
    });
}
