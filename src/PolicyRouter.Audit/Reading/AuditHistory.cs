using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reporting;
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
        new(NpgsqlDataSource.Create(AuditConnectionString.ForReader(connectionString)));

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

        return ReadingAsync(async () =>
        {
            // One more than asked for tells whether there is a next page.
            await using var command = filter.Command(
                _database,
                "SELECT id, at, app, tenant, route, outcome, refusal, classes, policy, deployments, answered_by, end_outcome, redactions",
                string.Create(CultureInfo.InvariantCulture, $"ORDER BY at DESC, id DESC LIMIT {query.Limit + 1}"));
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<DecisionSummary> decisions = new(query.Limit);
            while (await rows.ReadAsync(cancellationToken))
            {
                if (decisions.Count == query.Limit)
                {
                    var last = decisions[^1];
                    return new HistoryPage(decisions, new HistoryCursor(last.At.UtcDateTime, last.Id).ToString());
                }

                decisions.Add(Summary(rows));
            }

            return new HistoryPage(decisions, null);
        });
    }

    /// <summary>Every event of one request in order; empty when there is no such request.</summary>
    public Task<IReadOnlyList<RecordedEvent>> EventsOfAsync(Guid requestId, CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyList<RecordedEvent>>(async () =>
        {
            await using var command = _database.CreateCommand(
                """
                SELECT e.type, e.version - 1, e.bdata
                FROM audit.audit_request r
                CROSS JOIN LATERAL unnest(r.event_ids) WITH ORDINALITY AS o(event_id, position)
                JOIN audit.mt_events e ON e.id = o.event_id
                WHERE r.id = $1
                ORDER BY o.position
                """);
            command.Parameters.AddWithValue(requestId);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            List<RecordedEvent> events = [];
            while (await rows.ReadAsync(cancellationToken))
            {
                var bytes = await rows.GetFieldValueAsync<byte[]>(2, cancellationToken);
                events.Add(new RecordedEvent(rows.GetString(0), rows.GetInt64(1), bytes));
            }

            return events;
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
            yield return CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(0)) as RequestDecided
                ?? throw new FormatException("A decision is stored as something else.");
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
            return await IndexRebuild.RunAsync(connection, cancellationToken);
        });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<T> ReadingAsync<T>(Func<Task<T>> read)
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
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be read.", exception);
        }
    }

    private static DecisionSummary Summary(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero),
        App: row.GetString(2),
        Tenant: row.GetString(3),
        Route: row.GetString(4),
        Outcome: row.GetString(5),
        RefusalCode: row.IsDBNull(6) ? null : row.GetString(6),
        Classes: row.GetFieldValue<string[]>(7),
        PolicyVersion: row.GetString(8),
        AuthorizedDeployments: row.GetFieldValue<string[]>(9),
        AnsweredBy: row.IsDBNull(10) ? null : row.GetString(10),
        End: row.IsDBNull(11) ? null : row.GetString(11),
        Redactions: row.GetInt32(12));
}
