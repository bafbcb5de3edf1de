using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>How many requests were decided in a span of time, by outcome.</summary>
/// <param name="From">Its begin; it ends where the next one begins.</param>
public sealed record HistogramBar(DateTimeOffset From, long Permitted, long Denied, long DryRuns)
{
    public long Total => Permitted + Denied + DryRuns;
}

/// <summary>Counts requests over time, exactly.</summary>
internal static class Histogram
{
    /// <returns>As many bars as were asked for, empty ones included, oldest first.</returns>
    public static async Task<IReadOnlyList<HistogramBar>> ReadAsync(
        NpgsqlDataSource database, HistoryQuery query, DateTimeOffset from, DateTimeOffset to, int bars, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bars);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        HistoryFilter filter = new(query with { From = from, To = to });
        var width = (to - from) / bars;
        var bar = $"floor(extract(epoch FROM (at - {filter.Add(from.UtcDateTime)})) / {filter.Add(width.TotalSeconds)})::int";
        await using var command = filter.Command(database, $"SELECT {bar}, outcome, count(*)", "GROUP BY 1, 2");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var counted = new (long Permitted, long Denied, long DryRuns)[bars];
        while (await rows.ReadAsync(cancellationToken))
        {
            ref var place = ref counted[Math.Clamp(rows.GetInt32(0), 0, bars - 1)];
            var count = rows.GetInt64(2);
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

        return [.. counted.Select((bar, i) => new HistogramBar(from + (width * i), bar.Permitted, bar.Denied, bar.DryRuns))];
    }
}
