using System.Data;
using System.Globalization;
using System.Text;
using Npgsql;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Reads the tables of sums; every value is a parameter, and pages go by the key of the rows, which begins with the day.</summary>
internal static class SumReader
{
    private const string UsageKey = "day, tenant, app, route, deployment, currency";
    private const string DisclosureKey = "day, tenant, app, deployment, class";

    public static Task<SumPage<UsageRow>> UsageAsync(NpgsqlDataSource database, UsageQuery query, CancellationToken cancellationToken)
    {
        Conditions where = new(query.From, query.To, query.Limit);
        where.Add("tenant = {0}", query.Tenant);
        where.Add("app = {0}", query.App);
        where.Add("route = {0}", query.Route);
        where.Add("deployment = {0}", query.Deployment);
        where.After(UsageKey, query.Cursor, names: 5);
        return PageAsync(
            database,
            ProjectionNames.Usage,
            where,
            $"""
            SELECT {UsageKey}, sum(requests)::bigint, array_agg(outcome), array_agg(requests), sum(input_tokens), sum(output_tokens),
                   sum(estimated_input_tokens), sum(estimated_output_tokens), sum(cost_micros), sum(unpriced)::bigint
            FROM audit.daily_usage
            """,
            UsageKey,
            static row => new UsageRow(
                row.GetFieldValue<DateOnly>(0), row.GetString(1), row.GetString(2), row.GetString(3), OrNull(row.GetString(4)), OrNull(row.GetString(5)), row.GetInt64(6),
                Ended(row.GetFieldValue<string[]>(7), row.GetFieldValue<long[]>(8)), row.GetDecimal(9), row.GetDecimal(10), row.GetDecimal(11), row.GetDecimal(12), row.GetDecimal(13),
                row.GetInt64(14)),
            static row => SumCursor.Of(row.Day, row.Tenant, row.App, row.Route, row.Deployment ?? "", row.Currency ?? ""),
            cancellationToken);
    }

    public static Task<SumPage<DisclosureRow>> DisclosuresAsync(NpgsqlDataSource database, DisclosureQuery query, CancellationToken cancellationToken)
    {
        Conditions where = new(query.From, query.To, query.Limit);
        where.Add("tenant = {0}", query.Tenant);
        where.Add("app = {0}", query.App);
        where.Add("class = {0}", query.Class);
        where.AddAny("deployment = ANY ({0})", query.Deployments);
        where.After(DisclosureKey, query.Cursor, names: 4);
        return PageAsync(
            database,
            ProjectionNames.Disclosures,
            where,
            $"SELECT {DisclosureKey}, sum(sends)::bigint, min(first_at), max(last_at) FROM audit.disclosure",
            DisclosureKey,
            static row => new DisclosureRow(
                row.GetFieldValue<DateOnly>(0), row.GetString(1), row.GetString(2), row.GetString(3), OrNull(row.GetString(4)), row.GetInt64(5),
                new DateTimeOffset(row.GetDateTime(6), TimeSpan.Zero), new DateTimeOffset(row.GetDateTime(7), TimeSpan.Zero)),
            static row => SumCursor.Of(row.Day, row.Tenant, row.App, row.Deployment, row.Class ?? ""),
            cancellationToken);
    }

    private static async Task<SumPage<T>> PageAsync<T>(
        NpgsqlDataSource database, string projection, Conditions where, string select, string key, Func<NpgsqlDataReader, T> read, Func<T, string> cursor,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var standing = await ProjectionStanding.ReadAsync(connection, moment, projection, cancellationToken);
        await using NpgsqlCommand command = new(string.Create(CultureInfo.InvariantCulture, $"{select} WHERE {where} GROUP BY {key} ORDER BY {key} LIMIT {where.Limit + 1}"), connection, moment);
        where.AddTo(command);
        List<T> rows = [];
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }
        }

        // One more than asked for tells whether there is a page beyond.
        if (rows.Count <= where.Limit)
        {
            return new SumPage<T>(rows, null, standing);
        }

        rows.RemoveAt(rows.Count - 1);
        return new SumPage<T>(rows, cursor(rows[^1]), standing);
    }

    private static string? OrNull(string text) => text.Length > 0 ? text : null;

    private static SortedDictionary<string, long> Ended(string[] outcomes, long[] requests)
    {
        SortedDictionary<string, long> ended = new(StringComparer.Ordinal);
        foreach (var (outcome, count) in outcomes.Zip(requests))
        {
            ended[outcome] = ended.GetValueOrDefault(outcome) + count;
        }

        return ended;
    }

    /// <summary>A WHERE clause with its values.</summary>
    private sealed class Conditions
    {
        private const int MaxLimit = 500;

        private readonly StringBuilder _text = new("day >= $1 AND day < $2");
        private readonly List<object> _values;

        public Conditions(DateOnly from, DateOnly to, int limit)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
            _values = [from, to];
            Limit = limit;
        }

        public int Limit { get; }

        public void Add(string condition, string? value)
        {
            if (value is not null)
            {
                Append(condition, RequestIndex.Clean(value));
            }
        }

        public void AddAny(string condition, IReadOnlyList<string>? values)
        {
            if (values is not null)
            {
                Append(condition, values.Select(RequestIndex.Clean).ToArray());
            }
        }

        public void After(string key, string? cursor, int names)
        {
            if (cursor is not null)
            {
                var (day, texts) = SumCursor.Parse(cursor, names);
                _text.Append(CultureInfo.InvariantCulture, $" AND ({key}) > ({string.Join(", ", texts.Prepend<object>(day).Select(Value))})");
            }
        }

        public void AddTo(NpgsqlCommand command) => command.Parameters.AddRange(_values.Select(static value => new NpgsqlParameter { Value = value }).ToArray());

        public override string ToString() => _text.ToString();

        private void Append(string condition, object value) => _text.Append(" AND ").AppendFormat(CultureInfo.InvariantCulture, condition, Value(value));

        private string Value(object value)
        {
            _values.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"${_values.Count}");
        }
    }
}
