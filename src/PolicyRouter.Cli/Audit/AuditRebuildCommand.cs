using System.CommandLine;
using System.Globalization;
using PolicyRouter.Audit.Projecting;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>audit rebuild</c>: makes read models again from the recorded events. Exit 4 when a gateway works on them, or without a database.</summary>
internal static class AuditRebuildCommand
{
    internal static Command Create()
    {
        Option<string> database = new("--database") { Description = "The database of the audit log, with a role that may delete.", HelpName = "CONN" };
        Option<bool> index = new("--index") { Description = "The rows of requests, which queries and reports look in. No gateway may run." };
        Option<bool> usage = new("--usage") { Description = "The sums of usage." };
        Option<bool> disclosures = new("--disclosures") { Description = "The sums of disclosures." };
        Option<bool> all = new("--all") { Description = "All three." };
        Command command = new("rebuild", "Makes read models again from the recorded events.") { database, index, usage, disclosures, all };
        command.Validators.Add(result =>
        {
            if (!new[] { index, usage, disclosures, all }.Any(result.GetValue))
            {
                result.AddError("Say what: --index, --usage, --disclosures or --all.");
            }
        });
        command.SetAction((parsed, cancellationToken) => AuditVerb.RunAsync(parsed.GetValue(database), parsed.InvocationConfiguration.Error, async opened =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var output = parsed.InvocationConfiguration.Output;
            await using var rebuild = await ProjectionRebuild.TakeAsync(opened.ConnectionString, cancellationToken);

            // First: the others look in it.
            if (parsed.GetValue(index) || parsed.GetValue(all))
            {
                var read = await AuditProgress.RunAsync("index", error, progress => rebuild.IndexAsync(progress, cancellationToken));
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"The index is made again, of {read} events."));
            }

            foreach (var (asked, projection) in ((Option<bool>, string)[])[(usage, ProjectionNames.Usage), (disclosures, ProjectionNames.Disclosures)])
            {
                if (parsed.GetValue(asked) || parsed.GetValue(all))
                {
                    var rows = await AuditProgress.RunAsync(projection, error, progress => rebuild.SumsAsync(projection, progress, cancellationToken));
                    await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"The sums of {projection} are made again: {rows} rows."));
                }
            }

            return ExitCodes.Good;
        }, cancellationToken));
        return command;
    }
}
