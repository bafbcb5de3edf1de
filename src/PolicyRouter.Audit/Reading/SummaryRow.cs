using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>A row of <c>audit_request</c> as a summary.</summary>
internal static class SummaryRow
{
    public const string Select =
        "SELECT id, at, app, tenant, route, outcome, refusal, classes, policy, deployments, answered_by, end_outcome, redactions, "
        + "attempts, duration_ms, http_status, input_tokens, output_tokens, model";

    public static DecisionSummary Read(NpgsqlDataReader row) => new(
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
        Redactions: row.GetInt32(12))
    {
        Attempts = row.GetInt32(13),
        DurationMs = row.IsDBNull(14) ? null : row.GetInt64(14),
        HttpStatus = row.IsDBNull(15) ? null : row.GetInt32(15),
        InputTokens = row.IsDBNull(16) ? null : row.GetInt64(16),
        OutputTokens = row.IsDBNull(17) ? null : row.GetInt64(17),
        Model = row.IsDBNull(18) ? null : row.GetString(18),
    };
}
