using System.CommandLine;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// <c>audit verify</c>: recomputes the whole log, or an export of it. Exit 0 when it is what was recorded, 1 when it is not, 3 when a key,
/// a checkpoint or the export cannot be loaded, 4 without a database.
/// </summary>
internal static class AuditVerifyCommand
{
    internal static Command Create()
    {
        Option<string> database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
        Option<string> file = new("--file") { Description = "An NDJSON export instead: needs no database.", HelpName = "EXPORT" };
        Option<string[]> key = new("--key")
        {
            Description = "The public key that signs checkpoints, a PEM file; several when it was changed. Default: that of the development folder.", HelpName = "PUBLIC",
        };
        Option<string[]> checkpoint = new("--checkpoint")
        {
            Description = "Kept checkpoints, a file or a folder. Default: POLICYROUTER__Audit__CheckpointFolder, or those of the development folder.", HelpName = "FILE",
        };
        Option<string> archive = new("--archive") { Description = "The folder with the archives of retired epochs: they are verified, too.", HelpName = "FOLDER" };
        Option<bool> json = new("--json") { Description = "One JSON document." };
        Command command = new("verify", "Recomputes the whole log and names the first entry that is altered, missing, reordered or inserted.")
        {
            database, file, key, checkpoint, archive, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(database) is not null && result.GetValue(file) is not null)
            {
                result.AddError("--database and --file exclude one another.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Arguments(parsed.GetValue(database), parsed.GetValue(file), parsed.GetValue(key) ?? [], parsed.GetValue(checkpoint) ?? [], parsed.GetValue(archive), parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Arguments arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = arguments.File is null ? await AuditDatabase.OpenAsync(arguments.Database, cancellationToken) : null;
            if (await KeptEvidence.LoadAsync(arguments.Keys, arguments.Checkpoints, database?.IsPrivate is true, error, cancellationToken) is not { } loaded)
            {
                return ExitCodes.InputNotLoaded;
            }

            await using var export = arguments.File is { } file ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read) : null;
            var report = await AuditProgress.RunAsync("verify", error, progress =>
            {
                LogVerifier verifier = new(loaded.Keys, loaded.Kept, progress, loaded.Roots, arguments.Archive);
                return export is null
                    ? verifier.VerifyDatabaseAsync(database!.ConnectionString, cancellationToken)
                    : verifier.VerifyExportAsync(progress is null ? export : new ObservedStream(export, position => progress(position, export.Length)), cancellationToken);
            });
            await output.WriteLineAsync(arguments.Json ? VerificationText.Json(report) : VerificationText.Plain(report, loaded.Kept.Count > 0));
            return report.Verifies ? ExitCodes.Good : ExitCodes.AnswerIsNo;
        }
        catch (Exception failure) when (failure is AuditUnavailableException or LocalPostgresException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.ServiceUnavailable;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            await error.WriteLineAsync($"{arguments.File}: {failure.Message}");
            return ExitCodes.InputNotLoaded;
        }
        catch (ArgumentException)
        {
            // Its parts are not repeated: a connection string may hold a password.
            await error.WriteLineAsync("The connection string is malformed.");
            return ExitCodes.WrongUsage;
        }
    }

    private sealed record Arguments(string? Database, string? File, string[] Keys, string[] Checkpoints, string? Archive, bool Json);
}
