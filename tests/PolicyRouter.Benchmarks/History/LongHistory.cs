using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Benchmarks.History;

/// <summary>A log with many decisions, made by the database itself from one that the product recorded: 30 days of traffic that ends now.</summary>
internal static class LongHistory
{
    /// <summary>A rule that one decision in 20,000 names.</summary>
    public const string RareRule = "F-RARE";

    /// <summary>Makes the rows beside the product's own indexes and brings the planner's figures up to date.</summary>
    public static async Task FillAsync(string database, int decisions, CancellationToken cancellationToken)
    {
        await using (var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = database, Shard = "history", Deadline = TimeSpan.FromSeconds(60) }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken))
        {
            await log.AppendAsync(Template(), cancellationToken);
        }

        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(database) { Timezone = "UTC" }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using NpgsqlCommand columns = new(
            """
            SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position),
                   string_agg(CASE column_name
                       WHEN 'id' THEN 'r.id' WHEN 'seq_id' THEN '1 + r.n' WHEN 'version' THEN '1 + r.n' WHEN 'timestamp' THEN 'r.at'
                       WHEN 'bdata' THEN 'convert_to(replace(convert_from(e.bdata, ''UTF8''), e.id::text, r.id::text), ''UTF8'')'
                       ELSE 'e.' || quote_ident(column_name) END, ', ' ORDER BY ordinal_position)
            FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = 'mt_events' AND is_generated = 'NEVER'
            """,
            connection);
        string names, values;
        await using (var row = await columns.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            (names, values) = (row.GetString(0), row.GetString(1));
        }

        foreach (var sql in new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"""
                CREATE TEMPORARY TABLE made AS
                SELECT n, gen_random_uuid() AS id, now() - interval '30 days' * (1 - n / {decisions}.0) AS at, random() AS a, random() AS b
                FROM generate_series(1, {decisions}) AS n
                """),
            $"INSERT INTO audit.mt_events ({names}) SELECT {values} FROM made r CROSS JOIN (SELECT * FROM audit.mt_events LIMIT 1) e",
            $$"""
            INSERT INTO audit.audit_request
                (id, at, shard, app, tenant, route, outcome, refusal, classes, rules, deployments, policy, attempts, redactions, end_outcome, answered_by, event_ids,
                 duration_ms, http_status, input_tokens, output_tokens, model, unusual_end)
            SELECT id, at, 'history', 'app-' || floor(200 * a * a), 'tenant-' || n % 10, (ARRAY['clinical-chat', 'support-chat', 'public-chat'])[1 + n % 3],
                   CASE WHEN b < 0.05 THEN 'deny' ELSE 'permit' END, CASE WHEN b < 0.05 THEN 'no_permitted_provider' END,
                   CASE WHEN a < 0.3 THEN '{internal,phi,pii}'::text[] WHEN a < 0.6 THEN '{internal,pii}' ELSE '{internal}' END,
                   CASE WHEN n % 20000 = 0 THEN '{D-AUDIT,F-HIPAA-BAA,{{RareRule}}}'::text[] ELSE '{D-AUDIT,F-HIPAA-BAA}' END,
                   CASE WHEN b < 0.05 THEN '{}'::text[] WHEN b < 0.07 THEN '{azure-eastus,claude-bedrock-us}' ELSE '{azure-eastus}' END,
                   'sha256:' || n / 200000, 1, floor(5 * a), CASE WHEN b < 0.05 THEN NULL WHEN b < 0.06 THEN 'failed' ELSE 'completed' END,
                   CASE WHEN b >= 0.06 THEN 'azure-eastus' END, ARRAY[id], floor(300 / (0.05 + a)), 200, 300, 100, 'gpt-5.2',
                   CASE WHEN b >= 0.05 AND b < 0.06 THEN 'failed' END
            FROM made
            """,
            "DROP TABLE made",
            "SELECT setval('audit.mt_events_sequence', max(seq_id)) FROM audit.mt_events",
            "VACUUM ANALYZE audit.audit_request",
            "VACUUM ANALYZE audit.mt_events",
        })
        {
            await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Seals the log as its writer would have: leaf hashes in batches of 50, the head, and a checkpoint that the signer has signed.</summary>
    public static async Task SealAsync(string database, CheckpointSigner signer, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(database);
        await connection.OpenAsync(cancellationToken);
        await using (NpgsqlCommand batches = new(
            """
            DELETE FROM audit.tlog_batch WHERE shard = 'history';
            INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes)
            SELECT 'history', 1, min(version) - 1, count(*), string_agg(sha256('\x00'::bytea || bdata), ''::bytea ORDER BY version)
            FROM audit.mt_events GROUP BY (version - 1) / 50
            """,
            connection) { CommandTimeout = 0 })
        {
            await batches.ExecuteNonQueryAsync(cancellationToken);
        }

        MerkleStack tree = new();
        await foreach (var (_, hash) in LeafHashes.ReadAsync(connection, "history", 1, long.MaxValue, cancellationToken))
        {
            tree.Append(hash.Span);
        }

        var checkpoint = SignedCheckpoint.Sign(new LogName("policyrouter", "history", 1), tree.Size, tree.Root(), TimeProvider.System.GetUtcNow(), signer);
        await using NpgsqlCommand head = new("UPDATE audit.tlog_head SET size = $1, root = $2, stack = $3 WHERE shard = 'history'", connection);
        head.Parameters.AddWithValue(tree.Size);
        head.Parameters.AddWithValue(tree.Root());
        head.Parameters.AddWithValue(tree.ToBytes().ToArray());
        await head.ExecuteNonQueryAsync(cancellationToken);
        await using NpgsqlCommand note = new(
            "INSERT INTO audit.tlog_checkpoint (shard, epoch, size, note) VALUES ('history', 1, $1, $2) ON CONFLICT (shard, epoch) DO UPDATE SET size = excluded.size, note = excluded.note", connection);
        note.Parameters.AddWithValue(tree.Size);
        note.Parameters.AddWithValue(checkpoint.Note);
        await note.ExecuteNonQueryAsync(cancellationToken);
    }

    private static RequestDecided Template() => new()
    {
        Id = Guid.CreateVersion7(), At = TimeProvider.System.GetUtcNow(), Outcome = "deny", RefusalCode = "no_permitted_provider", App = "app", Tenant = "tenant", PolicyVersion = "sha256:0", Day = "2026-04-28",
        Route = "clinical-chat", Wire = "openai-chat", Streaming = false, FloorClasses = ["phi"], DeclaredClasses = ["phi"], DetectedClasses = ["pii"], FinalClasses = ["internal", "phi", "pii"],
        Subjects = ["us"], Purpose = "treatment", Features = ["chat"], FindingCounts = new Dictionary<string, int> { ["us-ssn"] = 1 }, Plan = [], PlanReason = "",
        Denied = [new("azure-eastus", ["F-HIPAA-BAA"]), new("claude-bedrock-us", ["F-HIPAA-BAA"]), new("openai-direct", ["F-HIPAA-BAA"])], Duties = [], AuthorizedDeployment = null, Redactions = 0,
        PromptBytes = 1_482, PromptHash = "hmac-sha256:k1:" + new string('a', 64), SentHash = null, Node = "node-1",
    };
}
