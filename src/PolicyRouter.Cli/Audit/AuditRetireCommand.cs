using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Retention;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// <c>audit retire</c>: archives finished epochs that are older than the retention, verifies the archives, and takes the epochs out of the database. Exit 1 when one of them may not
/// be, the others being done; 3 when an archive, a key or a checkpoint cannot be written or loaded, or there is no key to sign with; 4 without a database, or with a role that may not delete; 78 when the
/// configured retention is too short.
/// </summary>
internal static class AuditRetireCommand
{
    private const string YearsVariable = "POLICYROUTER__Audit__RetentionYears";

    // For the removal of one epoch, which is one transaction.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    internal static Command Create()
    {
        var before = TimeOption.Create("--before", "Epochs whose last event was recorded before this time.");
        before.Required = true;
        Option<string> archive = new("--archive") { Description = "The folder for the archives, one file per epoch.", Required = true, HelpName = "FOLDER" };
        Option<bool> dryRun = new("--dry-run") { Description = "Says what would be done and does nothing." };
        Option<string[]> key = new("--key") { Description = "The public key that signs checkpoints, a PEM file; several when it was changed. Default: that of the development folder.", HelpName = "PUBLIC" };
        Option<string[]> checkpoint = new("--checkpoint")
        {
            Description = "Kept checkpoints, a file or a folder. Default: POLICYROUTER__Audit__CheckpointFolder, or those of the development folder.", HelpName = "FILE",
        };
        var database = KeepingVerb.Database();
        Command command = new("retire", "Moves finished epochs that are older than the retention into archives that verify by themselves.")
        {
            before, archive, dryRun, key, checkpoint, database,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Arguments(
                parsed.GetValue(database), parsed.GetValue(before)!.Value, parsed.GetRequiredValue(archive), parsed.GetValue(dryRun), parsed.GetValue(key) ?? [], parsed.GetValue(checkpoint) ?? []),
            TimeProvider.System,
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    internal static Task<int> RunAsync(Arguments arguments, TimeProvider time, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        KeepingVerb.RunAsync(arguments.Database, error, async database =>
        {
            if (FaultOf(arguments.Before, time.GetUtcNow(), database.IsPrivate) is var (code, fault))
            {
                await error.WriteLineAsync(fault);
                return code;
            }

            if (await KeptEvidence.LoadAsync(arguments.Keys, arguments.Checkpoints, database.IsPrivate, error, cancellationToken) is not { } evidence)
            {
                return ExitCodes.InputNotLoaded;
            }

            EpochRetirement retirement = new(database.ConnectionString, evidence.Keys, [.. evidence.Kept, .. evidence.Roots.Covered]);
            var epochs = await retirement.FindAsync(arguments.Before, cancellationToken);
            if (arguments.IsDryRun || epochs.Count == 0)
            {
                foreach (var epoch in epochs)
                {
                    await output.WriteLineAsync($"{Line(epoch)}: {epoch.Obstacle ?? $"would go to {epoch.ArchiveName}"}");
                }

                await output.WriteLineAsync(epochs.Count == 0 ? "No finished epoch is that old." : "Nothing was done.");
                return epochs.Any(static epoch => epoch.Obstacle is not null) ? ExitCodes.AnswerIsNo : ExitCodes.Good;
            }

            if (!await retirement.MayDeleteAsync(cancellationToken))
            {
                await error.WriteLineAsync(
                    "The database role may not delete from the log. A gateway's role must not; run this with the role that is kept for it (docs/audit.md, \"What is kept, and for how long\").");
                return ExitCodes.ServiceUnavailable;
            }

            return await RetireAsync(retirement, epochs, database, arguments, time, output, error, cancellationToken);
        }, cancellationToken);

    private static async Task<int> RetireAsync(
        EpochRetirement retirement, IReadOnlyList<FinishedEpoch> epochs, AuditDatabase database, Arguments arguments, TimeProvider time, TextWriter output, TextWriter error,
        CancellationToken cancellationToken)
    {
        var code = ExitCodes.Good;
        var options = await CliReads.OptionsAsync(database, Patience, error, cancellationToken);
        if (options.Signer is null)
        {
            await error.WriteLineAsync(
                $"Name the key that signs checkpoints in {CheckpointKeys.SigningKeyVariable}: a retirement counts only when a signed checkpoint covers the event that says so. Nothing was done.");
            return ExitCodes.InputNotLoaded;
        }

        await using var log = await AuditLog.OpenAsync(options, time, NullLoggerFactory.Instance, cancellationToken);
        foreach (var epoch in epochs)
        {
            try
            {
                var retired = await retirement.RetireAsync(epoch, arguments.Archive, log, arguments.Before, CliReads.Reader, time, cancellationToken);
                await output.WriteLineAsync($"{Line(epoch)}: in {retired.File}, SHA-256 {retired.FileSha256}");
                if (!await log.PublishCheckpointAsync(cancellationToken))
                {
                    await error.WriteLineAsync(
                        "The checkpoint that covers this retirement could not be kept everywhere, so no further epoch is retired. Until `audit verify` says that it counts, verify with --archive.");
                    return ExitCodes.ServiceUnavailable;
                }
            }
            catch (RetirementRefusedException refused)
            {
                await output.WriteLineAsync($"{Line(epoch)}: {refused.Message}");
                code = ExitCodes.AnswerIsNo;
            }
        }

        return code;
    }

    /// <summary>What is wrong with the time that was asked for; null when nothing is.</summary>
    private static (int Code, string Fault)? FaultOf(DateTimeOffset before, DateTimeOffset now, bool isPrivate)
    {
        var text = Environment.GetEnvironmentVariable(YearsVariable);
        var least = isPrivate || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") == "Development" ? 0 : RetentionPeriod.LeastYears;
        if (!int.TryParse(text ?? RetentionPeriod.LeastYears.ToString(CultureInfo.InvariantCulture), NumberStyles.None, CultureInfo.InvariantCulture, out var years) || years < least || years > 100)
        {
            return (ExitCodes.ConfigurationInvalid, $"{YearsVariable} is {text}; it must be from {least} to 100.");
        }

        var latest = RetentionPeriod.Begin(now, years);
        return before > latest
            ? (ExitCodes.WrongUsage, string.Create(CultureInfo.InvariantCulture, $"Events are kept for {years} years: --before is {latest.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} at the latest."))
            : null;
    }

    private static string Line(FinishedEpoch epoch) => string.Create(
        CultureInfo.InvariantCulture, $"shard {epoch.Shard}, epoch {epoch.Epoch}: {epoch.Count:N0} events of {epoch.First.UtcDateTime:yyyy-MM-dd} to {epoch.Last.UtcDateTime:yyyy-MM-dd}");

    internal sealed record Arguments(string? Database, DateTimeOffset Before, string Archive, bool IsDryRun, string[] Keys, string[] Checkpoints);
}
