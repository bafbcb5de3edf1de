using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// <c>audit export</c>: history as a file. Recorded first, in a shard of this machine's command line. Exit 3 when the signing key cannot be
/// read or the file not be written, 4 without a database.
/// </summary>
internal static class AuditExportCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static Command Create()
    {
        Option<ExportFormat> format = new("--format")
        {
            Description = "ndjson (exact, can be verified offline), csv or parquet.", Required = true, HelpName = "ndjson|csv|parquet",
        };
        var from = AuditQueryCommand.TimeOption("--from", "Events at or after this time (UTC unless it has an offset).");
        var to = AuditQueryCommand.TimeOption("--to", "Events before this time.");
        Option<string> file = new("--output") { Description = "The file to write. Default: standard output.", HelpName = "FILE" };
        Option<string> database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
        Command command = new("export", "Takes history out as a file; that it was done is recorded.") { format, from, to, file, database };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Arguments(parsed.GetValue(database), parsed.GetValue(format), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(file)),
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Arguments arguments, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await AuditDatabase.OpenAsync(arguments.Database, cancellationToken);
            await RecordAsync(database, arguments, cancellationToken);
            await using var output = arguments.File is { } file ? File.Create(file) : Console.OpenStandardOutput();
            await AuditProgress.RunAsync("export", error, async progress =>
            {
                await HistoryExport.WriteAsync(
                    database.ConnectionString, arguments.Format, arguments.From, arguments.To, TimeProvider.System.GetUtcNow(), output, progress, cancellationToken);
                return true;
            });
            return ExitCodes.Good;
        }
        catch (Exception failure) when (failure is AuditUnavailableException or LocalPostgresException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.ServiceUnavailable;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SecretUnavailableException or FormatException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.InputNotLoaded;
        }
        catch (ArgumentException)
        {
            // Its parts are not repeated: a connection string may hold a password.
            await error.WriteLineAsync("The connection string is malformed.");
            return ExitCodes.WrongUsage;
        }
    }

    private static async Task RecordAsync(AuditDatabase database, Arguments arguments, CancellationToken cancellationToken)
    {
        var keys = CheckpointKeys.Of(database.IsPrivate);
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions
            {
                ConnectionString = database.ConnectionString,

                // Not the gateway's: that would fence it.
                Shard = $"cli-{Environment.MachineName}-{Environment.UserName}",
                Deadline = Patience,
                Signer = await keys.ReadSignerAsync(cancellationToken),
                CheckpointFolder = keys.Folder,
            },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        await log.AppendAsync(
            new HistoryExported
            {
                Id = Guid.CreateVersion7(now),
                At = now,
                Reader = $"{Environment.UserName}@{Environment.MachineName}",
                Format = arguments.Format.ToString().ToLowerInvariant(),
                Query = $"from={arguments.From:O}&to={arguments.To:O}",
            },
            cancellationToken);
    }

    private sealed record Arguments(string? Database, ExportFormat Format, DateTimeOffset? From, DateTimeOffset? To, string? File);
}
