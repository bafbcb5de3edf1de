using System.CommandLine;
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
        Option<bool> uncovered = new("--allow-uncovered")
        {
            Description = "Entries that no signed checkpoint covers are counted and are no fault: for logs that were written without a signing key. Nothing shows that those were recorded.",
        };
        Option<bool> json = new("--json") { Description = "One JSON document." };
        Command command = new("verify", "Recomputes the whole log and names the first entry that is altered, missing, reordered or inserted.")
        {
            database, file, key, checkpoint, archive, uncovered, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(database) is not null && result.GetValue(file) is not null)
            {
                result.AddError("--database and --file exclude one another.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Arguments(parsed.GetValue(database), parsed.GetValue(file), parsed.GetValue(key) ?? [], parsed.GetValue(checkpoint) ?? [], parsed.GetValue(archive), parsed.GetValue(uncovered), parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(Arguments arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken) => arguments.File is { } file
        ? AuditVerb.EndAsync(error, async () =>
        {
            try
            {
                await using FileStream export = new(file, FileMode.Open, FileAccess.Read, FileShare.Read);
                return await VerifyAsync(
                    arguments, isPrivate: false, (verifier, progress) =>
                        verifier.VerifyExportAsync(progress is null ? export : new ObservedStream(export, position => progress(position, export.Length)), cancellationToken),
                    output, error, cancellationToken);
            }
            catch (FormatException failure)
            {
                throw new FormatException($"{file}: {failure.Message}", failure);
            }
        })
        : AuditVerb.RunAsync(
            arguments.Database,
            error,
            database => VerifyAsync(arguments, database.IsPrivate, (verifier, _) => verifier.VerifyDatabaseAsync(database.ConnectionString, cancellationToken), output, error, cancellationToken),
            cancellationToken);

    private static async Task<int> VerifyAsync(
        Arguments arguments, bool isPrivate, Func<LogVerifier, Action<long, long>?, Task<VerificationReport>> verify, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (await KeptEvidence.LoadAsync(arguments.Keys, arguments.Checkpoints, isPrivate, error, cancellationToken) is not { } loaded)
        {
            return ExitCodes.InputNotLoaded;
        }

        var report = await AuditProgress.RunAsync(
            "verify", error, progress => verify(new LogVerifier(loaded.Keys, loaded.Kept, progress, loaded.Roots, arguments.Archive, !arguments.AllowsUncovered), progress));
        await output.WriteLineAsync(arguments.Json ? VerificationText.Json(report) : VerificationText.Plain(report, loaded.Kept.Count > 0, arguments.Archive is not null));
        return report.Verifies ? ExitCodes.Good : ExitCodes.AnswerIsNo;
    }

    private sealed record Arguments(string? Database, string? File, string[] Keys, string[] Checkpoints, string? Archive, bool AllowsUncovered, bool Json);
}
