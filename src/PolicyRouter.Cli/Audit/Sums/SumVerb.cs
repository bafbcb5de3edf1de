using System.CommandLine;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;

namespace PolicyRouter.Cli.Audit.Sums;

/// <summary>Runs a command on sums: all pages of the answer, recorded as read before anybody sees them.</summary>
internal static class SumVerb
{
    /// <param name="asked">The question as it is recorded.</param>
    /// <param name="page">Asks for the page behind a cursor.</param>
    public static Task<int> ShowAsync<T>(
        string? named, string asked, SumFormat format, IReadOnlyList<SumColumn<T>> columns, Func<AuditHistory, string?, Task<SumPage<T>>> page, InvocationConfiguration console,
        CancellationToken cancellationToken) =>
        AuditVerb.RunAsync(named, console.Error, async database =>
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

            return ExitCodes.Good;
        }, cancellationToken);
}
