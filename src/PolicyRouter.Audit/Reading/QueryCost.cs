using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>What the planner expects questions to cost, in its own units.</summary>
internal static class QueryCost
{
    /// <summary>What may be asked as it is: about a tenth of a second (docs/benchmarks.md, "The console").</summary>
    public const double Cheap = 30_000;

    /// <summary>Of a page, read to its end: the planner believes that rows that match lie everywhere, which those of a rare value do not.</summary>
    public static async Task<double> OfPageAsync(NpgsqlDataSource database, HistoryQuery query, CancellationToken cancellationToken)
    {
        HistoryFilter filter = new(query);
        if (query.Cursor is { } cursor)
        {
            filter.Before(HistoryCursor.Parse(cursor));
        }

        return await OfAsync(database, filter, SummaryRow.Select, string.Create(CultureInfo.InvariantCulture, $"ORDER BY at DESC, id DESC LIMIT {query.Limit + 1}"), cancellationToken);
    }

    public static async Task<double> OfAsync(NpgsqlDataSource database, HistoryFilter filter, string select, string tail, CancellationToken cancellationToken)
    {
        await using var command = filter.Command(database, $"EXPLAIN (FORMAT JSON) {select}", tail);
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!);
        return plan.RootElement[0].GetProperty("Plan").GetProperty("Total Cost").GetDouble();
    }
}
