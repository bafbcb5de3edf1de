using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>
/// Looks for the newest requests that meet a query from the newest to the oldest, slice by slice of time, for as long as it may: what no index helps to find is found as far back as the time allows, and the
/// page says how far that was. It costs the writer nothing.
/// </summary>
internal static class SlicedSearch
{
    // Of the time that is searched; slices grow while they are quick.
    private const int FirstSlice = 128;

    // An answer that comes this quickly lets the next slice be twice as long.
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(25);

    /// <param name="from">The beginning of what is searched.</param>
    /// <param name="to">Its end, exclusive.</param>
    /// <param name="budget">A slice begins only while this much has not passed.</param>
    /// <returns>At most one more than the query's limit, newest first, and the time before which nothing was looked at; null when all of it was.</returns>
    public static async Task<(List<DecisionSummary> Found, DateTimeOffset? SearchedTo)> RunAsync(
        NpgsqlDataSource database, HistoryQuery query, DateTimeOffset from, DateTimeOffset to, TimeSpan budget, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        List<DecisionSummary> found = [];
        var width = Larger((to - from) / FirstSlice, TimeSpan.FromMilliseconds(1));
        for (var end = to; end > from;)
        {
            if (Stopwatch.GetElapsedTime(started) > budget)
            {
                return (found, end);
            }

            var begin = end - from > width ? end - width : from;
            var sliceStarted = Stopwatch.GetTimestamp();
            await ReadAsync(database, query with { From = begin, To = end }, query.Limit + 1 - found.Count, found, cancellationToken);
            if (found.Count > query.Limit)
            {
                return (found, null);
            }

            width = Stopwatch.GetElapsedTime(sliceStarted) < Quick ? width * 2 : width;
            end = begin;
        }

        return (found, null);
    }

    private static async Task ReadAsync(NpgsqlDataSource database, HistoryQuery slice, int most, List<DecisionSummary> found, CancellationToken cancellationToken)
    {
        HistoryFilter filter = new(slice);
        if (slice.Cursor is { } cursor)
        {
            filter.Before(HistoryCursor.Parse(cursor));
        }

        await using var command = filter.Command(database, SummaryRow.Select, string.Create(CultureInfo.InvariantCulture, $"ORDER BY at DESC, id DESC LIMIT {most}"));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            found.Add(SummaryRow.Read(rows));
        }
    }

    private static TimeSpan Larger(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
