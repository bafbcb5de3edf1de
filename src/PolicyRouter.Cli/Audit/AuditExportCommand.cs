using System.CommandLine;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// <c>audit export</c>: history as a file. Recorded first. Exit 3 when the file cannot be written, 4 when there is no database or the record
/// cannot be made.
/// </summary>
internal static class AuditExportCommand
{
    internal static Command Create()
    {
        Option<ExportFormat> format = new("--format")
        {
            Description = "ndjson (exact, can be verified offline), csv or parquet.", Required = true, HelpName = "ndjson|csv|parquet",
        };
        var from = TimeOption.Create("--from", "Events at or after this time (UTC unless it has an offset).");
        var to = TimeOption.Create("--to", "Events before this time.");
        Option<string> file = new("--output") { Description = "The file to write. Default: standard output.", HelpName = "FILE" };
        Option<string> database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
        Command command = new("export", "Takes history out as a file; that it was done is recorded.") { format, from, to, file, database };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Arguments(parsed.GetValue(database), parsed.GetValue(format), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(file)),
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(Arguments arguments, TextWriter error, CancellationToken cancellationToken) => AuditVerb.RunAsync(arguments.Database, error, async database =>
    {
        await RecordAsync(database, arguments, error, cancellationToken);
        await using var output = arguments.File is { } file ? File.Create(file) : Console.OpenStandardOutput();
        await AuditProgress.RunAsync("export", error, async progress =>
        {
            await HistoryExport.WriteAsync(
                database.ConnectionString, arguments.Format, arguments.From, arguments.To, TimeProvider.System.GetUtcNow(), output, progress, cancellationToken);
            return true;
        });
        return ExitCodes.Good;
    }, cancellationToken);

    /// <exception cref="AuditUnavailableException">It was not recorded. Write nothing.</exception>
    private static async Task RecordAsync(AuditDatabase database, Arguments arguments, TextWriter error, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        HistoryExported exported = new()
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Reader = CliReads.Reader,
            Format = arguments.Format.ToString().ToLowerInvariant(),
            Query = $"from={arguments.From:O}&to={arguments.To:O}",
        };
        if (!await CliReads.TryRecordAsync(database, exported, TimeProvider.System, error, cancellationToken))
        {
            throw new AuditUnavailableException("An export has to be recorded, and the database role, or the server, can only read.");
        }
    }

    private sealed record Arguments(string? Database, ExportFormat Format, DateTimeOffset? From, DateTimeOffset? To, string? File);
}
