using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// The read model: one row per request in <c>audit_request</c>, and one in <c>audit_notice</c> per event that is about no request, written in
/// the transaction of the events they sum up. It holds nothing that the stream does not; <see cref="IndexRebuild"/> makes it again.
/// </summary>
internal sealed class RequestIndex
{
    // Lists travel as one text per row, since arrays of arrays must be rectangular. Clean() keeps the separator out of the values.
    private const char Separator = '\u001f';

    private readonly List<RequestDecided> _decided = [];
    private readonly Dictionary<Guid, List<AttemptAuthorized>> _attempts = [];
    private readonly List<RequestCompleted> _completed = [];
    private readonly List<(Guid Request, Guid Event)> _findings = [];
    private readonly List<(AuditEvent Event, string Type)> _notices = [];

    public void Add(AuditEvent entry)
    {
        switch (entry)
        {
            case RequestDecided decided:
                _decided.Add(decided);
                break;
            case AttemptAuthorized attempt when _attempts.TryGetValue(attempt.RequestId, out var earlier):
                earlier.Add(attempt);
                break;
            case AttemptAuthorized attempt:
                _attempts.Add(attempt.RequestId, [attempt]);
                break;
            case RequestCompleted completed:
                _completed.Add(completed);
                break;
            case ResidencyMismatch residency:
                _findings.Add((residency.RequestId, residency.Id));
                break;
            case ModelMismatch model:
                _findings.Add((model.RequestId, model.Id));
                break;
            case HandOffAuthorized handOff:
                _findings.Add((handOff.RequestId, handOff.Id));
                break;
            case HandOffDelivered delivered:
                _findings.Add((delivered.RequestId, delivered.Id));
                break;
            case HandOffDeadLettered dead:
                _findings.Add((dead.RequestId, dead.Id));
                break;
            case PolicyActivated:
                _notices.Add((entry, EventTypes.PolicyActivated));
                break;
            case PolicyRejected:
                _notices.Add((entry, EventTypes.PolicyRejected));
                break;
            case DeploymentSuspended:
                _notices.Add((entry, EventTypes.DeploymentSuspended));
                break;
            case DeploymentResumed:
                _notices.Add((entry, EventTypes.DeploymentResumed));
                break;
            case HistoryRead:
                _notices.Add((entry, EventTypes.HistoryRead));
                break;
            case HistoryExported:
                _notices.Add((entry, EventTypes.HistoryExported));
                break;
            case RetentionExecuted or LegalHoldPlaced or LegalHoldLifted or ErasureExecuted or KeyRotated or RollbackFound:
                _notices.Add((entry, CanonicalJson.TypeName(entry)));
                break;
        }
    }

    /// <summary>Adds the commands that write what was added, in the order in which they must run.</summary>
    public void AddCommands(NpgsqlBatch batch, string shard)
    {
        if (_decided.Count > 0)
        {
            AddDecided(batch, shard);
        }

        if (_attempts.Count > 0)
        {
            AddAttempts(batch);
        }

        if (_completed.Count > 0)
        {
            AddCompleted(batch);
        }

        if (_findings.Count > 0)
        {
            AddFindings(batch);
        }

        if (_notices.Count > 0)
        {
            AddNotices(batch);
        }
    }

    /// <summary>PostgreSQL text takes neither NUL nor half a surrogate pair. Only the index is cleaned, never the event.</summary>
    internal static string Clean(string value)
    {
        var bad = false;
        foreach (var rune in value.EnumerateRunes())
        {
            bad |= rune.Value is 0 or Separator or 0xFFFD;
        }

        return bad
            ? string.Concat(value.EnumerateRunes().Select(static rune => rune.Value is 0 or Separator ? "\uFFFD" : rune.ToString()))
            : value;
    }

    private static string Join(IEnumerable<string> values) => string.Join(Separator, values.Select(Clean));

    private static IEnumerable<string> Rules(RequestDecided decided) =>
        decided.Denied.Concat(decided.Advisory).Concat(decided.Overridden).Concat(decided.Shadow).Concat(decided.Unsuitable).SelectMany(static candidate => candidate.Rules)
            .Concat(decided.Duties.Select(static duty => duty.Rule))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

    private void AddDecided(NpgsqlBatch batch, string shard)
    {
        NpgsqlBatchCommand command = new(
            """
            WITH given AS (
                SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                    AS t(id, at, app, tenant, route, outcome, refusal, classes, rules, deployment, policy, redactions)
            ), opened AS (
                INSERT INTO audit.open_request (id, shard) SELECT id, $1 FROM given WHERE outcome = 'permit'
            )
            INSERT INTO audit.audit_request
                (id, at, shard, app, tenant, route, outcome, refusal, classes, rules, deployments, policy, attempts, redactions, event_ids)
            SELECT id, at, $1, app, tenant, route, outcome, refusal, string_to_array(classes, E'\x1f'), string_to_array(rules, E'\x1f'),
                   CASE WHEN deployment IS NULL THEN '{}'::text[] ELSE ARRAY[deployment] END, policy,
                   CASE WHEN deployment IS NULL THEN 0 ELSE 1 END, redactions, ARRAY[id]
            FROM given
            """);
        Text(command, shard);
        Ids(command, _decided, static decided => decided.Id);
        command.AddColumn(NpgsqlDbType.TimestampTz, _decided, static decided => Milliseconds(decided.At));
        Texts(command, _decided, static decided => Clean(decided.App));
        Texts(command, _decided, static decided => Clean(decided.Tenant));
        Texts(command, _decided, static decided => Clean(decided.Route));
        Texts(command, _decided, static decided => Clean(decided.Outcome));
        Texts(command, _decided, static decided => decided.RefusalCode is { } code ? Clean(code) : null);
        Texts(command, _decided, static decided => Join(decided.FinalClasses));
        Texts(command, _decided, static decided => Join(Rules(decided)));
        Texts(command, _decided, static decided => decided.AuthorizedDeployment is { } deployment ? Clean(deployment) : null);
        Texts(command, _decided, static decided => Clean(decided.PolicyVersion));
        command.AddColumn(NpgsqlDbType.Integer, _decided, static decided => decided.Redactions);
        batch.BatchCommands.Add(command);
    }

    private void AddAttempts(NpgsqlBatch batch)
    {
        NpgsqlBatchCommand command = new(
            """
            UPDATE audit.audit_request r
            SET deployments = r.deployments || ARRAY(
                    SELECT d FROM unnest(string_to_array(t.deployments, E'\x1f')) AS d WHERE d <> ALL (r.deployments)),
                attempts = greatest(r.attempts, t.attempts),
                redactions = t.redactions,
                event_ids = r.event_ids || string_to_array(t.event_ids, ',')::uuid[]
            FROM unnest($1, $2, $3, $4, $5) AS t(id, deployments, attempts, redactions, event_ids)
            WHERE r.id = t.id
            """);
        var attempts = _attempts.ToList();
        Ids(command, attempts, static request => request.Key);
        Texts(command, attempts, static request => Join(request.Value.Select(static attempt => attempt.AuthorizedDeployment).Distinct()));
        command.AddColumn(NpgsqlDbType.Integer, attempts, static request => request.Value.Max(static attempt => attempt.Attempt));
        command.AddColumn(NpgsqlDbType.Integer, attempts, static request => request.Value[^1].Redactions);
        Texts(command, attempts, static request => string.Join(',', request.Value.Select(static attempt => attempt.Id)));
        batch.BatchCommands.Add(command);
    }

    private void AddCompleted(NpgsqlBatch batch)
    {
        // The first end stands: what a restart closed as unknown stays so.
        NpgsqlBatchCommand command = new(
            """
            WITH closed AS (DELETE FROM audit.open_request o WHERE o.id = ANY ($1))
            UPDATE audit.audit_request r
            SET end_outcome = coalesce(r.end_outcome, t.outcome),
                unusual_end = nullif(coalesce(r.end_outcome, t.outcome), 'completed'),
                answered_by = coalesce(r.answered_by, t.deployment),
                duration_ms = CASE WHEN r.end_outcome IS NULL THEN t.duration_ms ELSE r.duration_ms END,
                http_status = CASE WHEN r.end_outcome IS NULL THEN t.http_status ELSE r.http_status END,
                input_tokens = CASE WHEN r.end_outcome IS NULL THEN t.input_tokens ELSE r.input_tokens END,
                output_tokens = CASE WHEN r.end_outcome IS NULL THEN t.output_tokens ELSE r.output_tokens END,
                model = CASE WHEN r.end_outcome IS NULL THEN t.model ELSE r.model END,
                event_ids = r.event_ids || t.event_id
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 AS t(id, outcome, deployment, event_id, duration_ms, http_status, input_tokens, output_tokens, model)
            WHERE r.id = t.id
            """);
        Ids(command, _completed, static completed => completed.RequestId);
        Texts(command, _completed, static completed => Clean(completed.Outcome));
        Texts(command, _completed, static completed => completed.Deployment is { } deployment ? Clean(deployment) : null);
        Ids(command, _completed, static completed => completed.Id);

        // Of an end that was made up after a crash nobody knows how long it took.
        command.AddColumn(NpgsqlDbType.Bigint, _completed, static completed => completed.Outcome == UnknownCloser.Unknown ? (long?)null : completed.DurationMs);
        command.AddColumn(NpgsqlDbType.Integer, _completed, static completed => completed.HttpStatus);
        command.AddColumn(NpgsqlDbType.Bigint, _completed, static completed => completed.InputTokens);
        command.AddColumn(NpgsqlDbType.Bigint, _completed, static completed => completed.OutputTokens);
        Texts(command, _completed, static completed => completed.ResponseModel is { } model ? Clean(model) : null);
        batch.BatchCommands.Add(command);
    }

    private void AddNotices(NpgsqlBatch batch)
    {
        NpgsqlBatchCommand command = new("INSERT INTO audit.audit_notice (id, at, type) SELECT * FROM unnest($1, $2, $3)");
        Ids(command, _notices, static notice => notice.Event.Id);
        command.AddColumn(NpgsqlDbType.TimestampTz, _notices, static notice => Milliseconds(notice.Event.At));
        Texts(command, _notices, static notice => notice.Type);
        batch.BatchCommands.Add(command);
    }

    private void AddFindings(NpgsqlBatch batch)
    {
        NpgsqlBatchCommand command = new(
            """
            UPDATE audit.audit_request r
            SET event_ids = r.event_ids || t.event_ids
            FROM (SELECT id, array_agg(event_id ORDER BY position) FROM unnest($1, $2) WITH ORDINALITY AS u(id, event_id, position) GROUP BY id) AS t(id, event_ids)
            WHERE r.id = t.id
            """);
        Ids(command, _findings, static finding => finding.Request);
        Ids(command, _findings, static finding => finding.Event);
        batch.BatchCommands.Add(command);
    }

    private static DateTime Milliseconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);

    private static void Text(NpgsqlBatchCommand command, string value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Text });

    private static void Ids<T>(NpgsqlBatchCommand command, List<T> rows, Func<T, Guid> value) =>
        command.AddColumn(NpgsqlDbType.Uuid, rows, value);

    private static void Texts<T>(NpgsqlBatchCommand command, List<T> rows, Func<T, string?> value) =>
        command.AddColumn(NpgsqlDbType.Text, rows, value);
}
