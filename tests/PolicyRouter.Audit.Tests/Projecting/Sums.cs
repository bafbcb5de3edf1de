using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Projecting;

/// <summary>One row of sums as text: its key, then its figures.</summary>
internal sealed record SumRow(string Key, string Figures);

/// <summary>The tables of sums, and the same counted one event after the other.</summary>
internal static class Sums
{
    /// <summary>Returns when both projections have counted all that is recorded.</summary>
    public static Task CaughtUpAsync(string database) => Eventually.HoldsAsync(async () =>
    {
        await using NpgsqlConnection connection = new(database + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var projection in ProjectionNames.All)
        {
            if ((await ProjectionStanding.ReadAsync(connection, null, projection, CancellationToken.None)).Behind > 0)
            {
                return false;
            }
        }

        return true;
    });

    /// <summary>Says that all that is recorded is counted, for a test that is not about sums.</summary>
    public static Task SetCountedAsync(string database) => Sql.ExecuteAsync(
        database,
        $"""
        INSERT INTO audit.mt_event_progression (name, last_seq_id)
        SELECT unnest(ARRAY['{string.Join("','", ProjectionNames.All.Select(ProjectionStanding.ProgressName))}']), max(seq_id) FROM audit.mt_events
        ON CONFLICT (name) DO UPDATE SET last_seq_id = excluded.last_seq_id
        """);

    public static async Task AssertExactAsync(string database)
    {
        var events = await EventsAsync(database);
        Assert.Equal(Usage(events), await UsageAsync(database));
        Assert.Equal(Disclosures(events), await DisclosuresAsync(database));
    }

    public static Task<List<SumRow>> UsageAsync(string database) => RowsAsync(
        database,
        """
        SELECT concat_ws('|', day, tenant, app, route, deployment, currency, outcome, shard, epoch, decided_epoch),
               concat_ws('|', requests, input_tokens, output_tokens, estimated_input_tokens, estimated_output_tokens, cost_micros, unpriced)
        FROM audit.daily_usage
        """);

    public static Task<List<SumRow>> DisclosuresAsync(string database) => RowsAsync(
        database,
        """
        SELECT concat_ws('|', day, tenant, app, deployment, class, shard, epoch, decided_epoch),
               concat_ws('|', sends, to_char(first_at, 'YYYY-MM-DD HH24:MI:SS.MS'), to_char(last_at, 'YYYY-MM-DD HH24:MI:SS.MS'))
        FROM audit.disclosure
        """);

    private static List<SumRow> Usage(List<Stored> events)
    {
        var decided = events.Where(static one => one.Event is RequestDecided).ToDictionary(static one => one.Event.Id);
        return Sorted(events.Where(one => one.Event is RequestCompleted end && decided.ContainsKey(end.RequestId))
            .Select(one => (one.Shard, one.Epoch, End: (RequestCompleted)one.Event, From: decided[((RequestCompleted)one.Event).RequestId]))
            .GroupBy(static one =>
            {
                var request = (RequestDecided)one.From.Event;
                return Join(
                    Day(request.At), Clean(request.Tenant), Clean(request.App), Clean(request.Route), Clean(one.End.Deployment), Clean(one.End.Currency), Clean(one.End.Outcome), one.Shard, one.Epoch,
                    one.From.Epoch);
            })
            .Select(static group => new SumRow(group.Key, Join(
                group.Count(),
                Total(group, static one => one.End.InputTokens),
                Total(group, static one => one.End.OutputTokens),
                Total(group, static one => one.End.AreTokensEstimated ? one.End.InputTokens : 0),
                Total(group, static one => one.End.AreTokensEstimated ? one.End.OutputTokens : 0),
                Total(group, static one => one.End.CostMicros),
                group.Count(static one => one.End.CostMicros is null && (one.End.InputTokens is not null || one.End.OutputTokens is not null))))));

        static decimal Total<T>(IEnumerable<T> group, Func<T, long?> value) => group.Sum(one => (decimal)(value(one) ?? 0));
    }

    private static List<SumRow> Disclosures(List<Stored> events)
    {
        var decided = events.Where(static one => one.Event is RequestDecided).ToDictionary(static one => one.Event.Id);
        var first = decided.Values.Where(static one => ((RequestDecided)one.Event).AuthorizedDeployment is not null)
            .Select(static one => (one.Shard, one.Epoch, one.Event.At, Deployment: ((RequestDecided)one.Event).AuthorizedDeployment!, From: one));
        var further = events.Where(one => one.Event is AttemptAuthorized attempt && decided.ContainsKey(attempt.RequestId))
            .Select(one => (one.Shard, one.Epoch, one.Event.At, Deployment: ((AttemptAuthorized)one.Event).AuthorizedDeployment, From: decided[((AttemptAuthorized)one.Event).RequestId]));
        return Sorted(first.Concat(further)
            .SelectMany(static send => ((RequestDecided)send.From.Event).FinalClasses.Select(Clean).DefaultIfEmpty("").Distinct().Select(name => (send, Class: name)))
            .GroupBy(static one => Join(
                Day(one.send.At), Clean(((RequestDecided)one.send.From.Event).Tenant), Clean(((RequestDecided)one.send.From.Event).App), Clean(one.send.Deployment), one.Class, one.send.Shard,
                one.send.Epoch, one.send.From.Epoch))
            .Select(static group => new SumRow(group.Key, Join(group.Count(), Time(group.Min(static one => one.send.At)), Time(group.Max(static one => one.send.At))))));
    }

    private static string Clean(string? text) => RequestIndex.Clean(text ?? "");

    private static string Join(params object[] parts) => string.Join('|', parts.Select(static part => FormattableString.Invariant($"{part}")));

    private static string Day(DateTimeOffset at) => FormattableString.Invariant($"{at.UtcDateTime:yyyy-MM-dd}");

    private static string Time(DateTimeOffset at) => FormattableString.Invariant($"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}");

    private static List<SumRow> Sorted(IEnumerable<SumRow> rows) => [.. rows.OrderBy(static row => row.Key, StringComparer.Ordinal)];

    private static async Task<List<SumRow>> RowsAsync(string database, string sql)
    {
        await using NpgsqlConnection connection = new(database + ";Timezone=UTC;Pooling=false");
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        List<SumRow> found = [];
        while (await rows.ReadAsync())
        {
            found.Add(new SumRow(rows.GetString(0), rows.GetString(1)));
        }

        return Sorted(found);
    }

    private static async Task<List<Stored>> EventsAsync(string database)
    {
        await using NpgsqlConnection connection = new(database + ";Pooling=false");
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(
            "SELECT h.shard, h.epoch, e.bdata FROM audit.mt_events e JOIN audit.tlog_head h ON h.stream_id = e.stream_id ORDER BY e.seq_id", connection);
        await using var rows = await command.ExecuteReaderAsync();
        List<Stored> events = [];
        while (await rows.ReadAsync())
        {
            events.Add(new Stored(rows.GetString(0), rows.GetInt64(1), CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(2))));
        }

        return events;
    }

    private sealed record Stored(string Shard, long Epoch, AuditEvent Event);
}
