using Npgsql;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reporting;

/// <summary>
/// Reads a period out of one state of the log: page by page, each request with its events. The index of requests says where to look; what is said is taken
/// from the events alone.
/// </summary>
internal sealed class ReportReader(NpgsqlConnection connection, NpgsqlTransaction transaction, ReportPeriod period)
{
    private const int PageSize = 1_000;
    private const int MostStreams = 100;

    // Clocks of nodes and the order of commits are not in step; an hour is far more than they are ever apart.
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private static readonly string[] EventsOfNoRequest =
    [
        EventTypes.PolicyActivated, EventTypes.PolicyRejected, EventTypes.DeploymentSuspended, EventTypes.DeploymentResumed, EventTypes.HistoryRead,
    ];

    private long _read;
    private long _missing;

    /// <param name="progress">Told how many requests have been read.</param>
    public async Task<AuditReport> ReadAsync(DateTimeOffset now, IProgress<long> progress, CancellationToken cancellationToken)
    {
        ReportBuilder builder = new(period);
        await ReadOthersAsync(builder, cancellationToken);
        long requests = 0;
        (DateTime At, Guid Id)? after = null;
        while (true)
        {
            var page = await PageAsync(after, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            await AddAsync(builder, page, cancellationToken);
            after = (page[^1].At, page[^1].Id);
            requests += page.Count;
            progress.Report(requests);
        }

        return builder.Build(await SourceAsync(now, cancellationToken));
    }

    private async Task<List<(DateTime At, Guid Id, Guid[] Events)>> PageAsync((DateTime At, Guid Id)? after, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"SELECT at, id, event_ids FROM audit.audit_request WHERE at >= $1 AND at < $2 {(after is null ? "" : "AND (at, id) > ($3, $4)")} ORDER BY at, id LIMIT {PageSize}",
            period.From.UtcDateTime, period.To.UtcDateTime);
        if (after is { } last)
        {
            command.Parameters.AddWithValue(last.At);
            command.Parameters.AddWithValue(last.Id);
        }

        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<(DateTime At, Guid Id, Guid[] Events)> page = new(PageSize);
        while (await rows.ReadAsync(cancellationToken))
        {
            page.Add((rows.GetDateTime(0), rows.GetGuid(1), rows.GetFieldValue<Guid[]>(2)));
        }

        return page;
    }

    private async Task AddAsync(ReportBuilder builder, List<(DateTime At, Guid Id, Guid[] Events)> page, CancellationToken cancellationToken)
    {
        Dictionary<Guid, AuditEvent> events = new(page.Count * 3);
        await using (var command = Command("SELECT bdata FROM audit.mt_events WHERE id = ANY ($1)", page.SelectMany(static row => row.Events).ToArray()))
        {
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                var entry = CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(0));
                events[entry.Id] = entry;
                _read++;
            }
        }

        foreach (var (_, _, ids) in page)
        {
            RequestDecided? decided = null;
            RequestCompleted? end = null;
            foreach (var id in ids)
            {
                switch (events.GetValueOrDefault(id))
                {
                    case null:
                        _missing++;
                        break;
                    case RequestDecided decision:
                        decided = decision;
                        break;
                    case RequestCompleted completed:
                        // The first end stands: what a restart closed as unknown stays so.
                        end ??= completed;
                        break;
                    case ResidencyMismatch or ModelMismatch:
                        builder.Add(events[id]);
                        break;
                }
            }

            if (decided is not null)
            {
                builder.Add(decided, end);
            }
        }
    }

    /// <summary>The events of no request have no index by time: they are looked for among all events between the decisions around the period.</summary>
    private async Task ReadOthersAsync(ReportBuilder builder, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT bdata FROM audit.mt_events
            WHERE type = ANY ($3)
              AND seq_id >= coalesce((SELECT e.seq_id FROM audit.mt_events e
                                      WHERE e.id = (SELECT id FROM audit.audit_request WHERE at < $1 ORDER BY at DESC, id DESC LIMIT 1)), 0)
              AND seq_id <= coalesce((SELECT e.seq_id FROM audit.mt_events e
                                      WHERE e.id = (SELECT id FROM audit.audit_request WHERE at > $2 ORDER BY at, id LIMIT 1)), 9223372036854775807)
            """,
            Shifted(period.From, -Slack), Shifted(period.To, Slack), EventsOfNoRequest);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var entry = CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(0));
            if (entry.At >= period.From && entry.At < period.To)
            {
                _read++;
                builder.Add(entry);
            }
        }
    }

    private async Task<ReportSource> SourceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<LogStream> streams = [];
        LogStream leftOut = new("", 0, 0);
        await using (var command = Command("SELECT shard, count(*), sum(size)::bigint FROM audit.tlog_head GROUP BY shard ORDER BY shard"))
        {
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                LogStream stream = new(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2));
                if (streams.Count < MostStreams)
                {
                    streams.Add(stream);
                }
                else
                {
                    leftOut = new("", leftOut.Epochs + stream.Epochs, leftOut.Events + stream.Events);
                }
            }
        }

        await using var range = Command("SELECT min(at), max(at) FROM audit.audit_request");
        await using var row = await range.ExecuteReaderAsync(cancellationToken);
        _ = await row.ReadAsync(cancellationToken);
        return new ReportSource
        {
            MadeAt = now,
            EventsRead = _read,
            EventsMissing = _missing,
            HistoryReads = 0,
            Policies = [],
            Streams = streams,
            StreamsLeftOut = leftOut,
            FirstDecision = row.IsDBNull(0) ? null : new DateTimeOffset(row.GetDateTime(0), TimeSpan.Zero),
            LastDecision = row.IsDBNull(1) ? null : new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero),
        };
    }

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        // A page is quick; the way to the first one may not be.
        NpgsqlCommand command = new(sql, connection, transaction) { CommandTimeout = 0 };
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        return command;
    }

    private static DateTime Shifted(DateTimeOffset time, TimeSpan by)
    {
        var ticks = Math.Clamp(time.UtcTicks + by.Ticks, DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks);
        return new DateTime(ticks, DateTimeKind.Utc);
    }
}
