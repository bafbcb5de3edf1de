using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Benchmarks.Reporting;

/// <summary>
/// A month of requests as the log would hold them, put into its tables with COPY: real events in their canonical bytes. Three requests in a hundred are
/// refused; one deployment fails for two hours every third day, and another takes over.
/// </summary>
internal static class RecordedHistory
{
    private const int ChunkSize = 20_000;
    private static readonly Guid Stream = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    public static readonly DateTimeOffset From = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset To = From.AddDays(30);

    /// <param name="connectionString">A database with an empty log.</param>
    public static async Task WriteAsync(string connectionString, int requests)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        await using (NpgsqlCommand head = new(
            "INSERT INTO audit.mt_streams (id, version, timestamp, created) VALUES ($1, 0, now(), now()); ", connection))
        {
            head.Parameters.AddWithValue(Stream);
            await head.ExecuteNonQueryAsync();
        }

        var sequence = 1_000_000L;
        for (var first = 0; first < requests; first += ChunkSize)
        {
            var chunk = Enumerable.Range(first, Math.Min(ChunkSize, requests - first)).Select(number => Request(number, requests)).ToList();
            await using (var events = await connection.BeginBinaryImportAsync(
                "COPY audit.mt_events (seq_id, id, stream_id, version, data, bdata, type, timestamp) FROM STDIN (FORMAT binary)"))
            {
                foreach (var entry in chunk.SelectMany(static request => request))
                {
                    sequence++;
                    await events.StartRowAsync();
                    await events.WriteAsync(sequence, NpgsqlDbType.Bigint);
                    await events.WriteAsync(entry.Id, NpgsqlDbType.Uuid);
                    await events.WriteAsync(Stream, NpgsqlDbType.Uuid);
                    await events.WriteAsync(sequence, NpgsqlDbType.Bigint);
                    await events.WriteAsync("{}", NpgsqlDbType.Jsonb);
                    await events.WriteAsync(CanonicalJson.Write(entry), NpgsqlDbType.Bytea);
                    await events.WriteAsync(CanonicalJson.TypeName(entry), NpgsqlDbType.Varchar);
                    await events.WriteAsync(entry.At.UtcDateTime, NpgsqlDbType.TimestampTz);
                }

                await events.CompleteAsync();
            }

            await using var index = await connection.BeginBinaryImportAsync(
                "COPY audit.audit_request (id, at, shard, app, tenant, route, outcome, classes, rules, deployments, policy, attempts, redactions, event_ids) FROM STDIN (FORMAT binary)");
            foreach (var request in chunk)
            {
                var decided = (RequestDecided)request[0];
                await index.StartRowAsync();
                await index.WriteAsync(decided.Id, NpgsqlDbType.Uuid);
                await index.WriteAsync(decided.At.UtcDateTime, NpgsqlDbType.TimestampTz);
                await index.WriteAsync("node-1", NpgsqlDbType.Text);
                await index.WriteAsync(decided.App, NpgsqlDbType.Text);
                await index.WriteAsync(decided.Tenant, NpgsqlDbType.Text);
                await index.WriteAsync(decided.Route, NpgsqlDbType.Text);
                await index.WriteAsync(decided.Outcome, NpgsqlDbType.Text);
                await index.WriteAsync(decided.FinalClasses.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
                await index.WriteAsync(Array.Empty<string>(), NpgsqlDbType.Array | NpgsqlDbType.Text);
                await index.WriteAsync(Array.Empty<string>(), NpgsqlDbType.Array | NpgsqlDbType.Text);
                await index.WriteAsync(decided.PolicyVersion, NpgsqlDbType.Text);
                await index.WriteAsync(1, NpgsqlDbType.Integer);
                await index.WriteAsync(0, NpgsqlDbType.Integer);
                await index.WriteAsync(request.Select(static entry => entry.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
            }

            await index.CompleteAsync();
        }

        await using NpgsqlCommand analyse = new("ANALYZE audit.mt_events, audit.audit_request", connection) { CommandTimeout = 0 };
        await analyse.ExecuteNonQueryAsync();
    }

    /// <summary>The events of one request, its decision first.</summary>
    private static List<AuditEvent> Request(int number, int requests)
    {
        var at = From + TimeSpan.FromTicks((To - From).Ticks / requests * number);
        var isRefused = number % 33 == 0;
        var isOutage = at.Day % 3 == 0 && at.Hour is 14 or 15;
        var clinical = number % 3 != 0;
        var (first, second) = clinical ? ("claude-anthropic", "claude-aws-us") : ("mistral-eu", "azure-gpt4o-eastus");
        RequestDecided decided = new()
        {
            Id = Guid.CreateVersion7(at),
            At = at,
            Outcome = isRefused ? "deny" : "permit",
            RefusalCode = isRefused ? "no_permitted_provider" : null,
            App = $"app-{number % 40}",
            Tenant = "st-mary",
            PolicyVersion = "sha256:720bf3a9fec091b2520b7f7a5cb62a3c242216d618920514b464f6260ce2edcf",
            Day = "2026-04-01",
            Route = clinical ? "clinical-chat" : "eu-support",
            Wire = "openai-chat",
            Streaming = number % 2 == 0,
            FloorClasses = ["internal"],
            DeclaredClasses = [clinical ? "phi" : "pii"],
            DetectedClasses = ["pii"],
            FinalClasses = clinical ? ["internal", "phi", "pii"] : ["internal", "pii"],
            Subjects = [clinical ? "us" : "eea"],
            Purpose = "treatment",
            Features = ["chat"],
            FindingCounts = new Dictionary<string, int> { ["person-name"] = 2, ["medical-record-number"] = 1 },
            Plan = isRefused ? [] : [first, second],
            PlanReason = "listed",
            Denied = [new("openai-gpt4o-direct", ["F-HIPAA-BAA", "F-PHI-RETENTION"]), new("groq-llama", ["F-GDPR-TRANSFER"])],
            Duties = [new(first, "D-PHI-MINIMUM", "hipaa-direct-identifiers")],
            AuthorizedDeployment = isRefused ? null : first,
            Redactions = 3,
            PromptBytes = 1_482,
            PromptHash = "hmac-sha256:1:6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c",
            SentHash = "hmac-sha256:1:6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c",
            Node = "node-1/4711",
        };
        if (isRefused)
        {
            return [decided];
        }

        var fails = isOutage && clinical;
        var ended = at.AddMilliseconds(900 + (number % 5_000));
        RequestCompleted end = new()
        {
            Id = Guid.CreateVersion7(ended),
            At = ended,
            RequestId = decided.Id,
            Outcome = "completed",
            Deployment = fails ? second : first,
            Attempts = fails ? 2 : 1,
            Failures = fails ? [$"{first} status_401"] : [],
            HttpStatus = 200,
            InputTokens = 310,
            OutputTokens = 95,
            DurationMs = 900,
            FirstByteMs = 240,
            ResponseModel = "claude-sonnet-5",
            CostMicros = 2_355,
            Currency = "USD",
        };
        if (!fails)
        {
            return [decided, end];
        }

        AttemptAuthorized attempt = new()
        {
            Id = Guid.CreateVersion7(at.AddMilliseconds(200)),
            At = at.AddMilliseconds(200),
            RequestId = decided.Id,
            Attempt = 2,
            AuthorizedDeployment = second,
            PolicyVersion = decided.PolicyVersion,
            AfterFailure = "status_401",
            Redactions = 3,
            SentHash = decided.PromptHash,
        };
        return [decided, attempt, end];
    }
}
