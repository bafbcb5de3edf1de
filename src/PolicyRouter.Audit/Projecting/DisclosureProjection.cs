using System.Runtime.InteropServices;
using JasperFx.Events;
using Marten;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// <c>audit.disclosure</c>: how often a send to a deployment was authorised, by data class; the basis of an accounting of disclosures (45 CFR 164.528). A send with several
/// classes counts under each of them, one without any under the empty name.
/// </summary>
/// <inheritdoc cref="DailyUsageProjection" path="/remarks"/>
internal sealed class DisclosureProjection() : AuditProjection(ProjectionNames.Disclosures, "audit.disclosure", typeof(RequestDecided), typeof(AttemptAuthorized))
{
    private const string Upsert =
        """
        INSERT INTO audit.disclosure AS d (day, tenant, app, deployment, class, shard, epoch, decided_epoch, sends, first_at, last_at)
        SELECT s.day, s.tenant, s.app, s.deployment, s.class, h.shard, h.epoch, dh.epoch, sum(s.sends), min(s.first_at), max(s.last_at)
        FROM (
            SELECT (first_at AT TIME ZONE 'UTC')::date AS day, tenant, app, deployment, class, stream, stream AS decided_stream, sends, first_at, last_at
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[], ?::bigint[], ?::timestamptz[], ?::timestamptz[])
                 AS t(tenant, app, deployment, class, stream, sends, first_at, last_at)
            UNION ALL
            SELECT (t.at AT TIME ZONE 'UTC')::date, r.tenant, r.app, t.deployment, c.class, t.stream, e.stream_id, 1, t.at, t.at
            FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[]) AS t(request, stream, deployment, at)
            JOIN audit.audit_request r ON r.id = t.request
            JOIN audit.mt_events e ON e.id = t.request
            CROSS JOIN LATERAL (SELECT DISTINCT unnest(CASE WHEN cardinality(r.classes) = 0 THEN ARRAY[''] ELSE r.classes END)) AS c(class)) s
        JOIN audit.tlog_head h ON h.stream_id = s.stream
        JOIN audit.tlog_head dh ON dh.stream_id = s.decided_stream
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT (day, tenant, app, deployment, class, shard, epoch, decided_epoch) DO UPDATE SET
            sends = d.sends + excluded.sends, first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at)
        """;

    protected override void Sum(IDocumentOperations operations, IReadOnlyList<IEvent> events)
    {
        Dictionary<Key, Sends> decided = [];
        List<(Guid Stream, AttemptAuthorized Attempt)> attempts = [];
        foreach (var stored in events)
        {
            switch (stored.Data)
            {
                case RequestDecided { AuthorizedDeployment: { } deployment } first:
                    Add(decided, stored.StreamId, first, deployment);
                    break;
                case AttemptAuthorized further:
                    attempts.Add((stored.StreamId, further));
                    break;
            }
        }

        if (decided.Count > 0 || attempts.Count > 0)
        {
            operations.QueueSqlCommand(
                Upsert,
                Each(decided, static row => row.Key.Tenant),
                Each(decided, static row => row.Key.App),
                Each(decided, static row => row.Key.Deployment),
                Each(decided, static row => row.Key.Class),
                Each(decided, static row => row.Key.Stream),
                Each(decided, static row => row.Value.Count),
                Each(decided, static row => row.Value.First.ToUniversalTime()),
                Each(decided, static row => row.Value.Last.ToUniversalTime()),
                Each(attempts, static one => one.Attempt.RequestId),
                Each(attempts, static one => one.Stream),
                Each(attempts, static one => RequestIndex.Clean(one.Attempt.AuthorizedDeployment)),
                Each(attempts, static one => one.Attempt.At.ToUniversalTime()));
        }
    }

    private static void Add(Dictionary<Key, Sends> decided, Guid stream, RequestDecided first, string deployment)
    {
        var day = DateOnly.FromDateTime(first.At.UtcDateTime);
        var (tenant, app, to) = (RequestIndex.Clean(first.Tenant), RequestIndex.Clean(first.App), RequestIndex.Clean(deployment));
        foreach (var dataClass in first.FinalClasses.Select(RequestIndex.Clean).DefaultIfEmpty("").Distinct(StringComparer.Ordinal))
        {
            Key key = new(stream, day, tenant, app, to, dataClass);
            ref var sends = ref CollectionsMarshal.GetValueRefOrAddDefault(decided, key, out var isThere);
            sends = isThere
                ? new Sends(sends.Count + 1, first.At < sends.First ? first.At : sends.First, first.At > sends.Last ? first.At : sends.Last)
                : new Sends(1, first.At, first.At);
        }
    }

    private static TValue[] Each<TRow, TValue>(IReadOnlyCollection<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        var i = 0;
        foreach (var row in rows)
        {
            values[i++] = value(row);
        }

        return values;
    }

    private readonly record struct Key(Guid Stream, DateOnly Day, string Tenant, string App, string Deployment, string Class);

    private readonly record struct Sends(long Count, DateTimeOffset First, DateTimeOffset Last);
}
