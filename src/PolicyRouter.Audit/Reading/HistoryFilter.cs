using System.Globalization;
using System.Text;
using Npgsql;
using PolicyRouter.Audit.Reading.Searching;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Reading;

/// <summary>The filters of a query as a WHERE clause; every value is a parameter.</summary>
internal sealed class HistoryFilter
{
    private readonly StringBuilder _where = new("true");
    private readonly List<object> _values = [];

    public HistoryFilter(HistoryQuery query)
    {
        When(query.From?.UtcDateTime, "at >= {0}");
        When(query.To?.UtcDateTime, "at < {0}");
        When(Clean(query.Class), "classes @> ARRAY[{0}]");
        When(Clean(query.App), "app = {0}");
        When(Clean(query.Tenant), "tenant = {0}");
        When(Clean(query.Route), "route = {0}");
        When(Clean(query.Deployment), "deployments @> ARRAY[{0}]");
        When(Clean(query.Outcome), $"{SearchKey.OutcomeColumn(query.Outcome)} = {{0}}");
        When(Clean(query.Rule), "rules @> ARRAY[{0}]");
        When(Clean(query.Policy), "policy = {0}");
        foreach (var term in query.Search?.Terms ?? [])
        {
            Add(term);
        }
    }

    public void Before(HistoryCursor cursor) =>
        _where.Append(CultureInfo.InvariantCulture, $" AND (at, id) < ({Add(cursor.At)}, {Add(cursor.Id)})");

    public void After(HistoryCursor cursor) =>
        _where.Append(CultureInfo.InvariantCulture, $" AND (at, id) > ({Add(cursor.At)}, {Add(cursor.Id)})");

    /// <summary>The place of one more value in the command.</summary>
    public string Add(object value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${_values.Count}");
    }

    /// <param name="select">What comes before the name of the table, which is called <c>r</c>.</param>
    /// <param name="sample">What follows the name of the table: a TABLESAMPLE, or nothing.</param>
    public NpgsqlCommand Command(NpgsqlDataSource database, string select, string tail, string sample = "") =>
        WithParameters(database.CreateCommand(Sql(select, tail, sample)));

    /// <inheritdoc cref="Command(NpgsqlDataSource, string, string, string)"/>
    public NpgsqlCommand Command(NpgsqlConnection connection, NpgsqlTransaction transaction, string select, string tail) =>
        WithParameters(new NpgsqlCommand(Sql(select, tail), connection, transaction));

    private string Sql(string select, string tail, string sample = "") => $"{select} FROM audit.audit_request r {sample} WHERE {_where} {tail}";

    private NpgsqlCommand WithParameters(NpgsqlCommand command)
    {
        command.Parameters.AddRange(_values.Select(static value => new NpgsqlParameter { Value = value }).ToArray());
        return command;
    }

    private static string? Clean(string? value) => value is null ? null : RequestIndex.Clean(value);

    private void When<T>(T? value, string condition)
    {
        if (value is not null)
        {
            _where.Append(" AND ").AppendFormat(CultureInfo.InvariantCulture, condition, Add(value));
        }
    }

    private void Add(SearchTerm term)
    {
        var condition = Condition(term);

        // What is not known, as the latency of a request that has not ended, does not meet the condition.
        _where.Append(term.IsNegated ? $" AND NOT coalesce({condition}, false)" : $" AND {condition}");
    }

    private string Condition(SearchTerm term)
    {
        var key = term.Key;
        if (key.Kind is SearchKind.Id)
        {
            return $"{key.Column} = {Add(Guid.ParseExact(term.Text, "D"))}";
        }

        if (key.Kind is SearchKind.Number or SearchKind.Duration)
        {
            return $"{key.Column} {Sign(term.Comparison)} {Add(term.Number)}";
        }

        if (key.Name == "app" && term.IsPrefix)
        {
            // This form, unlike starts_with, can use the index of the apps.
            return $"app LIKE {Add(RequestIndex.Clean(term.Text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%")}";
        }

        var value = Add(RequestIndex.Clean(term.Text));
        return (key.Kind, key.Name, term.IsPrefix) switch
        {
            (SearchKind.List, _, false) => $"{key.Column} @> ARRAY[{value}]",
            (SearchKind.List, _, true) => $"EXISTS (SELECT FROM unnest({key.Column}) AS v WHERE starts_with(v, {value}))",
            (_, "outcome", false) => $"{SearchKey.OutcomeColumn(term.Text)} = {value}",
            (_, "outcome", true) => $"(starts_with(outcome, {value}) OR coalesce(starts_with(end_outcome, {value}), false))",
            // A text that is not there is looked for as the empty one.
            (_, _, false) => term.Text.Length > 0 ? $"{key.Column} = {value}" : $"coalesce({key.Column}, '') = {value}",
            (_, _, true) => $"starts_with({key.Column}, {value})",
        };
    }

    private static string Sign(SearchComparison comparison) => comparison switch
    {
        SearchComparison.Less => "<",
        SearchComparison.AtMost => "<=",
        SearchComparison.More => ">",
        SearchComparison.AtLeast => ">=",
        _ => "=",
    };
}
