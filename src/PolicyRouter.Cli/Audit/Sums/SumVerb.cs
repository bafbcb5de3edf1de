using System.CommandLine;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;

namespace PolicyRouter.Cli.Audit.Sums;

/// <summary>Runs a command on sums: all pages of the answer, recorded as read before anybody sees them. Exit 2 for a malformed connection string, 4 without a database.</summary>
internal static class SumVerb
{
    /// <param name="asked">The question as it is recorded.</param>
    /// <param name="page">Asks for the page behind a cursor.</param>
    public static Task<int> ShowAsync<T>(
        string? named, string asked, SumFormat format, IReadOnlyList<SumColumn<T>> columns, Func<AuditHistory, string?, Task<SumPage<T>>> page, InvocationConfiguration console,
        CancellationToken cancellationToken) =>
        RunAsync(named, console.Error, async database =>
        {
            await using var history = AuditHistory.Open(database.ConnectionString);
            List<T> rows = [];
            SumPage<T> last;
            string? cursor = null;
            do
            {
                last = await page(history, cursor);
                rows.AddRange(last.Rows);
                cursor = last.NextCursor;
            }
            while (cursor is not null);
            await CliReads.RecordAsync(database, asked, rows.Count, TimeProvider.System, console.Error, cancellationToken);
            await console.Output.WriteLineAsync(SumTable.Of(rows, columns, last, format));
            if (format is not SumFormat.Json)
            {
                await console.Error.WriteLineAsync(SumTable.Standing(last));
            }
        }, cancellationToken);

    public static async Task<int> RunAsync(string? named, TextWriter error, Func<AuditDatabase, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await AuditDatabase.OpenAsync(named, cancellationToken);
            await work(database);
            return ExitCodes.Good;
        }
        catch (Exception failure) when (failure is AuditUnavailableException or RebuildRefusedException or LocalPostgresException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.ServiceUnavailable;
        }
        catch (ArgumentException)
        {
            // Its parts are not repeated: a connection string may hold a password.
            await error.WriteLineAsync("The connection string is malformed.");
            return ExitCodes.WrongUsage;
        }
    }
}
