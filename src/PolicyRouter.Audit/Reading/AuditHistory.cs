using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Reading;

/// <summary>The read side of the log.</summary>
/// <remarks>
/// Each method throws <see cref="AuditUnavailableException"/> when the database cannot be read or holds no log, and
/// <see cref="ArgumentException"/> for a limit outside 1 to 500 or a cursor that is none.
/// </remarks>
public sealed class AuditHistory : IAsyncDisposable
{
    private const int MaxLimit = 500;

    private readonly NpgsqlDataSource _database;

    private AuditHistory(NpgsqlDataSource database) => _database = database;

    /// <summary>Names the database; nothing is contacted before the first question.</summary>
    public static AuditHistory Open(string connectionString) =>
        new(AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString)));

    /// <summary>The requests that meet the query, newest first.</summary>
    public Task<HistoryPage> QueryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        HistoryFilter filter = new(query);
        if (query.Cursor is { } cursor)
        {
            filter.Before(HistoryCursor.Parse(cursor));
        }

        if (query.NewerThan is { } newest)
        {
            filter.After(HistoryCursor.Parse(newest));
        }

        return ReadingAsync(async () =>
        {
            // One more than asked for tells whether there is a page beyond.
            var order = query.NewerThan is null ? "DESC" : "ASC";
            await using var command = filter.Command(
                _database,
                SummaryRow.Select,
                string.Create(CultureInfo.InvariantCulture, $"ORDER BY at {order}, id {order} LIMIT {query.Limit + 1}"));
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<DecisionSummary> decisions = new(query.Limit + 1);
            while (await rows.ReadAsync(cancellationToken))
            {
                decisions.Add(SummaryRow.Read(rows));
            }

            return Page(query, decisions);
        });
    }

    /// <summary>
    /// The same, in about twice so much time at most: what no index finds is looked for from the newest on, and <see cref="HistoryPage.SearchedTo"/> says how far back it went.
    /// </summary>
    public async Task<HistoryPage> QueryWithinAsync(HistoryQuery query, TimeSpan budget, CancellationToken cancellationToken)
    {
        if (query.NewerThan is not null)
        {
            return await QueryAsync(query, cancellationToken);
        }

        if (await ReadingAsync(() => QueryCost.OfPageAsync(_database, query, cancellationToken)) <= QueryCost.Cheap)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(budget);
            try
            {
                return await QueryAsync(query, attempt.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The planner took for common what is rare, or lies far back: from the newest on, then.
            }
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        if (await ReadingAsync(() => SpanAsync(query, cancellationToken)) is not var (from, to))
        {
            return new HistoryPage([], null);
        }

        var (found, searchedTo) = await ReadingAsync(() => SlicedSearch.RunAsync(_database, query, from, to, budget, cancellationToken));
        return Page(query, found) with { SearchedTo = searchedTo };
    }

    /// <summary>The times between which requests that the query may find were decided; null when there are none.</summary>
    private async Task<(DateTimeOffset From, DateTimeOffset To)?> SpanAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        await using var command = new HistoryFilter(new HistoryQuery { Tenant = query.Tenant }).Command(_database, "SELECT min(at), max(at)", "");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        if (row.IsDBNull(0))
        {
            return null;
        }

        DateTimeOffset oldest = new(row.GetDateTime(0), TimeSpan.Zero), end = new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero).AddMilliseconds(1);
        var from = query.From > oldest ? query.From.Value : oldest;
        var to = query.To < end ? query.To.Value : end;
        if (query.Cursor is { } cursor && new DateTimeOffset(HistoryCursor.Parse(cursor).At, TimeSpan.Zero).AddMilliseconds(1) is var before && before < to)
        {
            to = before;
        }

        return from < to ? (from, to) : null;
    }

    private static HistoryPage Page(HistoryQuery query, List<DecisionSummary> found)
    {
        var isMore = found.Count > query.Limit;
        if (isMore)
        {
            found.RemoveAt(found.Count - 1);
        }

        if (query.NewerThan is not null)
        {
            found.Reverse();
        }

        var (hasOlder, hasNewer) = query.NewerThan is null ? (isMore, query.Cursor is not null) : (true, isMore);
        return new HistoryPage(found, hasOlder && found.Count > 0 ? Cursor(found[^1]) : null)
        {
            PreviousCursor = hasNewer && found.Count > 0 ? Cursor(found[0]) : null,
        };

        static string Cursor(DecisionSummary decision) => new HistoryCursor(decision.At.UtcDateTime, decision.Id).ToString();
    }

    /// <summary>Every event of one request in order; empty when there is no such request.</summary>
    public Task<IReadOnlyList<RecordedEvent>> EventsOfAsync(Guid requestId, CancellationToken cancellationToken) =>
        EventsOfAsync(requestId, tenant: null, cancellationToken);

    /// <inheritdoc cref="EventsOfAsync(Guid, CancellationToken)"/>
    /// <param name="tenant">Another tenant's request is not there; null asks for requests of all.</param>
    public Task<IReadOnlyList<RecordedEvent>> EventsOfAsync(Guid requestId, string? tenant, CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyList<RecordedEvent>>(async () =>
        {
            await using var command = _database.CreateCommand(
                """
                SELECT e.type, e.version - 1, e.bdata
                FROM audit.audit_request r
                CROSS JOIN LATERAL unnest(r.event_ids) WITH ORDINALITY AS o(event_id, position)
                JOIN audit.mt_events e ON e.id = o.event_id
                JOIN audit.tlog_head h ON h.stream_id = e.stream_id AND e.version BETWEEN 1 AND h.size
                WHERE r.id = $1 AND ($2::text IS NULL OR r.tenant = $2)
                ORDER BY o.position
                """);
            command.Parameters.AddWithValue(requestId);
            command.Parameters.Add(new NpgsqlParameter { Value = tenant is null ? DBNull.Value : RequestIndex.Clean(tenant), NpgsqlDbType = NpgsqlDbType.Text });
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<RecordedEvent> events = [];
            while (await rows.ReadAsync(cancellationToken))
            {
                var bytes = await rows.GetFieldValueAsync<byte[]>(2, cancellationToken);
                events.Add(new RecordedEvent(rows.GetString(0), rows.GetInt64(1), bytes));
            }

            return events;
        });

    /// <summary>The newest decisions that meet the query as they were recorded, newest first; its cursors and limit aside.</summary>
    /// <exception cref="FormatException">An event is not complete.</exception>
    public Task<IReadOnlyList<RequestDecided>> LatestDecisionsAsync(HistoryQuery query, int most, CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyList<RequestDecided>>(async () =>
        {
            await using var command = new HistoryFilter(query).Command(
                _database,
                "SELECT e.bdata FROM (SELECT id",
                string.Create(CultureInfo.InvariantCulture, $"ORDER BY at DESC, id DESC LIMIT {most}) r JOIN audit.mt_events e ON e.id = r.id ORDER BY r.id DESC"));
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<RequestDecided> decisions = [];
            while (await rows.ReadAsync(cancellationToken))
            {
                decisions.Add(Decision(rows));
            }

            return decisions;
        });

    /// <summary>
    /// How many requests of each outcome meet the query in each of so many equal spans of a time; its own times, cursors and limit aside. A count of
    /// very many is an estimate; null when there is too little to estimate from.
    /// </summary>
    public Task<Histogram?> HistogramAsync(HistoryQuery query, DateTimeOffset from, DateTimeOffset to, int bars, CancellationToken cancellationToken) =>
        ReadingAsync(() => HistogramReader.ReadAsync(_database, query, from, to, bars, QueryCost.Cheap, cancellationToken));

    /// <summary>When the oldest request was decided; null when there is none.</summary>
    public Task<DateTimeOffset?> OldestAsync(string? tenant, CancellationToken cancellationToken) => ReadingAsync(async () =>
    {
        await using var command = new HistoryFilter(new HistoryQuery { Tenant = tenant }).Command(_database, "SELECT min(at)", "");
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : (DateTimeOffset?)null;
    });

    /// <summary>What meets the query, counted and ready to be read as it is at this moment. Dispose it when it has been read.</summary>
    public Task<DecisionExport> OpenExportAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        ReadingAsync(() => DecisionExport.OpenAsync(_database, query, cancellationToken));

    /// <summary>How long the log is, shard by shard and epoch by epoch, and whether every entry is there.</summary>
    public Task<IReadOnlyList<LogSize>> SizesAsync(CancellationToken cancellationToken) =>
        ReadingAsync(() => LogSize.ReadAsync(_database, cancellationToken));

    /// <summary>The legal holds in force, by name.</summary>
    public Task<IReadOnlyList<LegalHold>> LegalHoldsAsync(CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            return await LegalHoldList.ReadAsync(connection, cancellationToken);
        });

    /// <summary>Events that are about no request, newest first: reads of history, policies, suspensions.</summary>
    /// <param name="types">Names of <see cref="EventTypes"/>.</param>
    /// <exception cref="FormatException">An event is not complete.</exception>
    public Task<IReadOnlyList<AuditEvent>> NoticesAsync(IReadOnlyList<string> types, int most, CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyList<AuditEvent>>(async () =>
        {
            await using var command = _database.CreateCommand(
                """
                SELECT e.bdata
                FROM (SELECT id, at FROM audit.audit_notice WHERE type = ANY ($1) ORDER BY at DESC, id DESC LIMIT $2) n
                JOIN audit.mt_events e ON e.id = n.id
                ORDER BY n.at DESC, n.id DESC
                """);
            command.Parameters.AddWithValue(types.ToArray());
            command.Parameters.AddWithValue(most);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<AuditEvent> events = [];
            while (await rows.ReadAsync(cancellationToken))
            {
                events.Add(CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(0)));
            }

            return events;
        });

    /// <summary>Requests, tokens and cost by day, as far as they are counted.</summary>
    public Task<SumPage<UsageRow>> UsageAsync(UsageQuery query, CancellationToken cancellationToken) => ReadingAsync(() => SumReader.UsageAsync(_database, query, cancellationToken));

    /// <summary>Authorised sends by day, deployment and data class, as far as they are counted.</summary>
    public Task<SumPage<DisclosureRow>> DisclosuresAsync(DisclosureQuery query, CancellationToken cancellationToken) =>
        ReadingAsync(() => SumReader.DisclosuresAsync(_database, query, cancellationToken));

    /// <summary>Which policy was in force at a time, by shard. A shard that had activated none until then is not among them.</summary>
    /// <exception cref="FormatException">An event is not complete.</exception>
    public Task<IReadOnlyList<PolicyInForce>> PoliciesAtAsync(DateTimeOffset at, CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyList<PolicyInForce>>(async () =>
        {
            await using var command = _database.CreateCommand(
                """
                SELECT DISTINCT ON (h.shard) h.shard, e.bdata
                FROM audit.audit_notice n
                JOIN audit.mt_events e ON e.id = n.id
                JOIN audit.tlog_head h ON h.stream_id = e.stream_id
                WHERE n.type = 'policy_activated' AND n.at <= $1
                ORDER BY h.shard, n.at DESC, n.id DESC
                """);
            command.Parameters.AddWithValue(at.UtcDateTime);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<PolicyInForce> found = [];
            while (await rows.ReadAsync(cancellationToken))
            {
                var activated = CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(1)) as PolicyActivated ?? throw new FormatException("An activation is stored as something else.");
                found.Add(new PolicyInForce(rows.GetString(0), activated.Node, activated.PolicyVersion, activated.At));
            }

            return found;
        });

    /// <summary>Every recorded decision from this time on, oldest first, read as it is consumed: a long history takes no memory.</summary>
    /// <exception cref="FormatException">An event is not complete.</exception>
    public async IAsyncEnumerable<RequestDecided> DecisionsSinceAsync(DateTimeOffset from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(
            "SELECT e.bdata FROM audit.audit_request r JOIN audit.mt_events e ON e.id = r.id WHERE r.at >= $1 ORDER BY r.at, r.id");
        command.Parameters.AddWithValue(from.UtcDateTime);
        // The first row of a long history may take its time to sort.
        command.CommandTimeout = 0;
        await using var rows = await ReadingAsync(() => command.ExecuteReaderAsync(cancellationToken));
        while (await ReadingAsync(() => rows.ReadAsync(cancellationToken)))
        {
            yield return Decision(rows);
        }
    }

    /// <summary>Deployments that are suspended now, by whatever node.</summary>
    public Task<IReadOnlySet<string>> SuspendedAsync(CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            return await Suspensions.ReadAsync(connection, cancellationToken);
        });

    /// <summary>How many requests meet the query, cursor and limit aside.</summary>
    public Task<long> CountAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            await using var command = new HistoryFilter(query).Command(_database, "SELECT count(*)", "");
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        });

    /// <summary>The same, without counting further than this: a common filter costs no more than a rare one.</summary>
    public Task<long> CountUpToAsync(HistoryQuery query, int most, CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            await using var command = new HistoryFilter(query).Command(
                _database, "SELECT count(*) FROM (SELECT", string.Create(CultureInfo.InvariantCulture, $"LIMIT {most}) AS counted"));
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        });

    /// <summary>A period as figures: incidents, availability, refusals, tokens and cost. Read from one state of the log, page by page.</summary>
    /// <param name="now">When the report is made.</param>
    /// <param name="progress">Told how many requests have been read; <see cref="CountAsync"/> tells how many there are.</param>
    /// <exception cref="FormatException">An event is not complete.</exception>
    public Task<AuditReport> ReportAsync(ReportPeriod period, DateTimeOffset now, IProgress<long> progress, CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            return await new ReportReader(connection, transaction, period).ReadAsync(now, progress, cancellationToken);
        });

    /// <summary>
    /// Makes the index that the queries read again from the recorded events, in one transaction. Writers wait for it meanwhile and
    /// refuse requests: run it while they are stopped.
    /// </summary>
    /// <returns>How many events were read.</returns>
    public Task<long> RebuildIndexAsync(CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            return await IndexRebuild.RunAsync(connection, progress: null, cancellationToken);
        });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    internal static async Task<T> ReadingAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new AuditUnavailableException("This database holds no audit log.", exception);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedColumn)
        {
            throw new AuditUnavailableException("The audit log is of an older version: start its gateway once, which brings it up to date.", exception);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be read.", exception);
        }
    }

    private static RequestDecided Decision(NpgsqlDataReader row) => CanonicalJsonReader.Read(row.GetFieldValue<byte[]>(0)) as RequestDecided
        ?? throw new FormatException("A decision is stored as something else.");
}
