using System.Globalization;
using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>Counts requests over time: exactly where that is cheap, else from a sample of the table.</summary>
internal static class HistogramReader
{
    private const int SampledRows = 50_000;

    // Fewer say nothing about the shape of the whole.
    private const int FewestToEstimate = 100;

    /// <returns>Null when an exact count is dear and a sample has too little in it.</returns>
    public static async Task<Histogram?> ReadAsync(
        NpgsqlDataSource database, HistoryQuery query, DateTimeOffset from, DateTimeOffset to, int bars, double mostCost, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bars);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        // The database counts in microseconds.
        from = new DateTimeOffset(from.UtcTicks - (from.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        var width = TimeSpan.FromMicroseconds(Math.Ceiling((to - from) / TimeSpan.FromMicroseconds(1) / bars));
        HistoryFilter filter = new(query with { From = from, To = to });
        var select = $"SELECT date_bin({filter.Add(width)}, at, {filter.Add(from.UtcDateTime)}), outcome, count(*)";
        const string Tail = "GROUP BY 1, 2";

        var percent = await QueryCost.OfAsync(database, filter, select, Tail, cancellationToken) <= mostCost ? 100 : await PercentAsync(database, cancellationToken);
        var sample = percent < 100 ? string.Create(CultureInfo.InvariantCulture, $"TABLESAMPLE SYSTEM ({percent:0.####})") : "";
        await using var command = filter.Command(database, select, Tail, sample);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var counted = new (long Permitted, long Denied, long DryRuns)[bars];
        long seen = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            ref var place = ref counted[Math.Clamp((int)Math.Round((rows.GetDateTime(0) - from.UtcDateTime) / width), 0, bars - 1)];
            seen += rows.GetInt64(2);
            var count = (long)(rows.GetInt64(2) * 100 / percent);
            switch (rows.GetString(1))
            {
                case "permit":
                    place.Permitted += count;
                    break;
                case "deny":
                    place.Denied += count;
                    break;
                default:
                    place.DryRuns += count;
                    break;
            }
        }

        return percent < 100 && seen < FewestToEstimate
            ? null
            : new Histogram([.. counted.Select((bar, i) => new HistogramBar(from + (width * i), bar.Permitted, bar.Denied, bar.DryRuns))], percent < 100);
    }

    /// <summary>The share of the table that is about as many rows as a sample shall have.</summary>
    private static async Task<double> PercentAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT reltuples::float8 FROM pg_class WHERE oid = 'audit.audit_request'::regclass");
        var rows = (double)(await command.ExecuteScalarAsync(cancellationToken))!;
        return rows > SampledRows ? 100.0 * SampledRows / rows : 100;
    }
}
