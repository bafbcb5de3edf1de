using System.Globalization;
using System.Text;
using Npgsql;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Reading;

/// <summary>The filters of a query as a WHERE clause; every value is a parameter.</summary>
internal sealed class HistoryFilter
{
    private readonly StringBuilder _where = new("true");
    private readonly List<NpgsqlParameter> _parameters = [];

    public HistoryFilter(HistoryQuery query)
    {
        When(query.From?.UtcDateTime, "at >= {0}");
        When(query.To?.UtcDateTime, "at < {0}");
        When(Clean(query.Class), "{0} = ANY (classes)");
        When(Clean(query.App), "app = {0}");
        When(Clean(query.Tenant), "tenant = {0}");
        When(Clean(query.Route), "route = {0}");
        When(Clean(query.Deployment), "{0} = ANY (deployments)");
        When(Clean(query.Outcome), query.Outcome is "permit" or "deny" or "dry-run" ? "outcome = {0}" : "end_outcome = {0}");
        When(Clean(query.Rule), "{0} = ANY (rules)");
        When(Clean(query.Policy), "policy = {0}");
    }

    public void Before(HistoryCursor cursor) =>
        _where.Append(CultureInfo.InvariantCulture, $" AND (at, id) < ({Add(cursor.At)}, {Add(cursor.Id)})");

    public NpgsqlCommand Command(NpgsqlDataSource database, string select, string tail)
    {
        var command = database.CreateCommand($"{select} FROM audit.audit_request WHERE {_where} {tail}");
        command.Parameters.AddRange(_parameters.ToArray());
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

    private string Add(object value)
    {
        _parameters.Add(new NpgsqlParameter { Value = value });
        return string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}");
    }
}
