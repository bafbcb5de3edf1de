using JasperFx.Events;
using Marten;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// <c>audit.daily_usage</c>: how requests ended, their tokens and their cost. The end of a request does not say whose it was; that is looked up in <c>audit_request</c>, which is
/// never behind the events.
/// </summary>
/// <remarks>
/// A row has both the epoch of the ends that it sums up and the epoch of their decisions, which differ for requests that were open when an epoch ended. So a rebuild can leave alone what
/// it cannot count again: whatever has to do with an epoch that is retired.
/// </remarks>
internal sealed class DailyUsageProjection() : AuditProjection(ProjectionNames.Usage, "audit.daily_usage", typeof(RequestCompleted))
{
    private const string Upsert =
        """
        INSERT INTO audit.daily_usage AS u
            (day, tenant, app, route, deployment, currency, outcome, shard, epoch, decided_epoch,
             requests, input_tokens, output_tokens, estimated_input_tokens, estimated_output_tokens, cost_micros, unpriced)
        SELECT (r.at AT TIME ZONE 'UTC')::date, r.tenant, r.app, r.route, t.deployment, t.currency, t.outcome, h.shard, h.epoch, dh.epoch,
               count(*), sum(t.input), sum(t.output), sum(CASE WHEN t.estimated THEN t.input ELSE 0 END), sum(CASE WHEN t.estimated THEN t.output ELSE 0 END), sum(t.cost),
               count(*) FILTER (WHERE t.unpriced)
        FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::numeric[], ?::numeric[], ?::boolean[], ?::numeric[], ?::boolean[])
             AS t(request, stream, outcome, deployment, currency, input, output, estimated, cost, unpriced)
        JOIN audit.audit_request r ON r.id = t.request
        JOIN audit.mt_events d ON d.id = t.request
        JOIN audit.tlog_head dh ON dh.stream_id = d.stream_id
        JOIN audit.tlog_head h ON h.stream_id = t.stream
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        ON CONFLICT (day, tenant, app, route, deployment, currency, outcome, shard, epoch, decided_epoch) DO UPDATE SET
            requests = u.requests + excluded.requests,
            input_tokens = u.input_tokens + excluded.input_tokens,
            output_tokens = u.output_tokens + excluded.output_tokens,
            estimated_input_tokens = u.estimated_input_tokens + excluded.estimated_input_tokens,
            estimated_output_tokens = u.estimated_output_tokens + excluded.estimated_output_tokens,
            cost_micros = u.cost_micros + excluded.cost_micros,
            unpriced = u.unpriced + excluded.unpriced
        """;

    protected override void Sum(IDocumentOperations operations, IReadOnlyList<IEvent> events)
    {
        List<(Guid Stream, RequestCompleted End)> ends = new(events.Count);
        foreach (var stored in events)
        {
            if (stored.Data is RequestCompleted end)
            {
                ends.Add((stored.StreamId, end));
            }
        }

        if (ends.Count > 0)
        {
            operations.QueueSqlCommand(
                Upsert,
                Each(static one => one.End.RequestId),
                Each(static one => one.Stream),
                Each(static one => RequestIndex.Clean(one.End.Outcome)),
                Each(static one => RequestIndex.Clean(one.End.Deployment ?? "")),
                Each(static one => RequestIndex.Clean(one.End.Currency ?? "")),
                Each(static one => (decimal)(one.End.InputTokens ?? 0)),
                Each(static one => (decimal)(one.End.OutputTokens ?? 0)),
                Each(static one => one.End.AreTokensEstimated),
                Each(static one => (decimal)(one.End.CostMicros ?? 0)),
                Each(static one => one.End is { CostMicros: null } && (one.End.InputTokens ?? one.End.OutputTokens) is not null));
        }

        T[] Each<T>(Func<(Guid Stream, RequestCompleted End), T> value)
        {
            var values = new T[ends.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = value(ends[i]);
            }

            return values;
        }
    }
}
