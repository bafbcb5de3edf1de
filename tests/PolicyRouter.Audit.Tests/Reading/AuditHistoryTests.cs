using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Searching;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Reading;

public sealed class AuditHistoryTests : IAsyncLifetime
{
    private string _database = "";
    private AuditLog _log = null!;
    private AuditHistory _history = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        _log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = _database, Shard = "history", Deadline = TimeSpan.FromSeconds(20) },
            TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        _history = AuditHistory.Open(_database);
    }

    public async Task DisposeAsync()
    {
        await _history.DisposeAsync();
        await _log.DisposeAsync();
    }

    [Fact]
    public async Task EachFilter_FindsTheRequestsThatMeetIt_AndCountsThem()
    {
        var permitted = Sample.Permit(at: Sample.Noon);
        var refused = Sample.Deny(Sample.Noon.AddHours(1)) with
        {
            App = "chatbot", Tenant = "st-john", Route = "help", FinalClasses = ["public"], PolicyVersion = "sha256:99", Denied = [new("x", ["F-OTHER"])],
        };
        await AppendAsync(permitted, refused, Sample.Attempt(permitted.Id, 2, "claude-bedrock-us"), Sample.End(permitted.Id, "failed", null));

        (HistoryQuery Query, Guid[] Found)[] cases =
        [
            (new HistoryQuery(), [refused.Id, permitted.Id]),
            (new HistoryQuery { From = Sample.Noon.AddMinutes(1) }, [refused.Id]),
            (new HistoryQuery { From = Sample.Noon, To = Sample.Noon.AddHours(1) }, [permitted.Id]),
            (new HistoryQuery { Class = "phi" }, [permitted.Id]),
            (new HistoryQuery { App = "chatbot" }, [refused.Id]),
            (new HistoryQuery { Tenant = "st-mary" }, [permitted.Id]),
            (new HistoryQuery { Route = "help" }, [refused.Id]),
            (new HistoryQuery { Deployment = "azure-eastus" }, [permitted.Id]),
            (new HistoryQuery { Deployment = "claude-bedrock-us" }, [permitted.Id]),
            (new HistoryQuery { Deployment = "openai-direct" }, []),
            (new HistoryQuery { Outcome = "deny" }, [refused.Id]),
            (new HistoryQuery { Outcome = "failed" }, [permitted.Id]),
            (new HistoryQuery { Outcome = "completed" }, []),
            (new HistoryQuery { Rule = "F-HIPAA-BAA" }, [permitted.Id]),
            (new HistoryQuery { Rule = "D-PHI-MINIMUM" }, [permitted.Id]),
            (new HistoryQuery { Rule = "F-OTHER" }, [refused.Id]),
            (new HistoryQuery { Policy = "sha256:99" }, [refused.Id]),
            (new HistoryQuery { Policy = "sha256:99", Class = "phi" }, []),
            (new HistoryQuery { App = "'; DROP TABLE audit.audit_request; --\0" }, []),
        ];
        foreach (var (query, found) in cases)
        {
            var page = await _history.QueryAsync(query, CancellationToken.None);
            Assert.Equal(found, page.Decisions.Select(static decision => decision.Id));
            Assert.Equal(found.Length, await _history.CountAsync(query, CancellationToken.None));
        }
    }

    [Fact]
    public async Task EachTermOfASearch_FindsTheRequestsThatMeetIt()
    {
        var permitted = Sample.Permit(at: Sample.Noon);
        var refused = Sample.Deny(Sample.Noon.AddHours(1)) with { App = "front \"desk\"", Tenant = "", Route = "help", FinalClasses = ["public"], Denied = [new("x", ["F-OTHER"])] };
        await AppendAsync(permitted, refused, Sample.Attempt(permitted.Id, 2, "claude-bedrock-us"), Sample.End(permitted.Id, "failed", null) with { HttpStatus = 529, DurationMs = 2_500 });

        (string Search, Guid[] Found)[] cases =
        [
            ("", [refused.Id, permitted.Id]),
            ("outcome:deny", [refused.Id]), ("-outcome:deny", [permitted.Id]), ("outcome:failed", [permitted.Id]), ("outcome:f*", [permitted.Id]), ("outcome:per*", [permitted.Id]),
            ("-outcome:failed", [refused.Id]), ("outcome:permit outcome:failed", [permitted.Id]), ("outcome:permit outcome:deny", []),
            ("app:discharge-letters", [permitted.Id]), ("app:discharge*", [permitted.Id]), ("-app:dis*", [refused.Id]), ("app:\"front \\\"desk\\\"\"", [refused.Id]),
            ("class:phi", [permitted.Id]), ("class:p*", [refused.Id, permitted.Id]), ("-class:phi", [refused.Id]),
            ("deployment:azure-*", [permitted.Id]), ("deployment:azure", []), ("-deployment:*", [refused.Id]), ("deployment:claude-bedrock-us", [permitted.Id]),
            ("rule:F-OTHER", [refused.Id]), ("rule:D-*", [permitted.Id]), ("refusal:no_permitted_provider", [refused.Id]), ("refusal:\"\"", [permitted.Id]),
            ("tenant:\"\"", [refused.Id]), ("tenant:st-*", [permitted.Id]), ("route:help", [refused.Id]), ("policy:sha256:4f*", [refused.Id, permitted.Id]),
            ("latency:>2s", [permitted.Id]), ("latency:<=2500ms", [permitted.Id]), ("-latency:>2s", [refused.Id]), ("latency:<2s", []),
            ("status:529", [permitted.Id]), ("status:>=500 tokens:>400 attempts:2 redactions:>=5", [permitted.Id]), ("tokens:405", [permitted.Id]), ("tokens:0", [refused.Id]),
            ("answered:*", []), ("-answered:*", [refused.Id, permitted.Id]), ("model:gpt-*", [permitted.Id]),
            ($"id:{refused.Id}", [refused.Id]), ($"-id:{refused.Id}", [permitted.Id]), ("app:\"'; DROP TABLE audit.audit_request; --\0\"", []), ("app:\"%\"*", []), ("app:_*", []),
        ];
        foreach (var (search, found) in cases)
        {
            HistoryQuery query = new() { Search = Search.Parse(search) };
            var page = await _history.QueryAsync(query, CancellationToken.None);
            Assert.True(found.SequenceEqual(page.Decisions.Select(static decision => decision.Id)), search);
            Assert.Equal(found.Length, await _history.CountAsync(query, CancellationToken.None));
            Assert.Equal(Math.Min(found.Length, 1), await _history.CountUpToAsync(query, 1, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Pages_GoForwardAndBack_WhileNewRequestsComeInAbove()
    {
        var decided = Enumerable.Range(0, 7).Select(static i => Sample.Permit(at: Sample.Noon.AddSeconds(i / 2))).ToArray();
        await AppendAsync([.. decided]);
        HistoryQuery query = new() { Limit = 3 };
        var newestFirst = decided.OrderByDescending(static d => d.At).ThenByDescending(static d => d.Id.ToString(), StringComparer.Ordinal).Select(static d => d.Id).ToArray();

        var first = await _history.QueryAsync(query, CancellationToken.None);
        var second = await _history.QueryAsync(query with { Cursor = first.NextCursor }, CancellationToken.None);
        var third = await _history.QueryAsync(query with { Cursor = second.NextCursor }, CancellationToken.None);
        await AppendAsync(Sample.Permit(at: Sample.Noon.AddHours(1)));
        var backToSecond = await _history.QueryAsync(query with { NewerThan = third.PreviousCursor }, CancellationToken.None);
        var backToFirst = await _history.QueryAsync(query with { NewerThan = backToSecond.PreviousCursor }, CancellationToken.None);

        Assert.Equal(newestFirst, Ids(first).Concat(Ids(second)).Concat(Ids(third)));
        Assert.Null(first.PreviousCursor);
        Assert.Null(third.NextCursor);
        Assert.Equal(Ids(second), Ids(backToSecond));
        Assert.Equal(second.NextCursor, backToSecond.NextCursor);
        Assert.Equal(Ids(first), Ids(backToFirst));
        Assert.NotNull(backToFirst.PreviousCursor);

        static IEnumerable<Guid> Ids(HistoryPage page) => page.Decisions.Select(static decision => decision.Id);
    }

    [Fact]
    public async Task TenantBound_HidesOtherTenantsEverywhere()
    {
        var ours = Sample.Permit();
        var theirs = Sample.Permit() with { Tenant = "st-john" };
        await AppendAsync(ours, theirs);
        HistoryQuery query = new() { Tenant = "st-mary", Search = Search.Parse("app:* -tenant:nobody") };

        Assert.Equal([ours.Id], (await _history.QueryAsync(query, CancellationToken.None)).Decisions.Select(static d => d.Id));
        Assert.Equal(1, await _history.CountAsync(query, CancellationToken.None));
        Assert.Equal([ours.Id], (await _history.LatestDecisionsAsync(query, 10, CancellationToken.None)).Select(static d => d.Id));
        Assert.Equal(1, (await _history.HistogramAsync(query, Sample.Noon, Sample.Noon.AddHours(1), 4, CancellationToken.None))!.Bars.Sum(static bar => bar.Total));
        Assert.Empty(await _history.EventsOfAsync(theirs.Id, "st-mary", CancellationToken.None));
        Assert.Empty(await _history.EventsOfAsync(ours.Id, "", CancellationToken.None));
        Assert.NotEmpty(await _history.EventsOfAsync(ours.Id, "st-mary", CancellationToken.None));
        Assert.Null(await _history.OldestAsync("nobody", CancellationToken.None));
        Assert.Equal(Sample.Noon, await _history.OldestAsync("st-mary", CancellationToken.None));
        await using var export = await _history.OpenExportAsync(query, CancellationToken.None);
        Assert.Equal(1, export.Rows);
        Assert.Equal([ours.Id], await IdsAsync(export));
    }

    [Fact]
    public async Task Histogram_CountsEachOutcomeInItsBar_TheBeginIncludedAndTheEndNot()
    {
        await AppendAsync(
            Sample.Permit(at: Sample.Noon), Sample.Permit(at: Sample.Noon.AddMinutes(14).AddSeconds(59)), Sample.Deny(Sample.Noon.AddMinutes(15)),
            Sample.Permit(at: Sample.Noon.AddMinutes(59)) with { Outcome = "dry-run" }, Sample.Permit(at: Sample.Noon.AddHours(1)));

        var exact = await _history.HistogramAsync(new HistoryQuery(), Sample.Noon, Sample.Noon.AddHours(1), 4, CancellationToken.None);
        await using var database = Npgsql.NpgsqlDataSource.Create(_database);
        var dear = await HistogramReader.ReadAsync(database, new HistoryQuery(), Sample.Noon, Sample.Noon.AddHours(1), 4, mostCost: 0, CancellationToken.None);

        foreach (var histogram in new[] { exact, dear })
        {
            Assert.False(histogram!.IsEstimated);
            Assert.Equal([(2, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1)], histogram.Bars.Select(static bar => (bar.Permitted, bar.Denied, bar.DryRuns)));
            Assert.Equal(Sample.Noon.AddMinutes(45), histogram.Bars[3].From);
        }
    }

    [Fact]
    public async Task Histogram_OfVeryMany_IsEstimatedFromASample()
    {
        await AppendAsync(Sample.Permit(at: Sample.Noon));
        await Sql.ExecuteAsync(
            _database,
            """
            INSERT INTO audit.audit_request (id, at, shard, app, tenant, route, outcome, classes, rules, deployments, policy, attempts, redactions, event_ids)
            SELECT gen_random_uuid(), r.at + n * interval '10 ms', shard, app, tenant, route, outcome, classes, rules, deployments, policy, attempts, redactions, '{}'
            FROM audit.audit_request r CROSS JOIN generate_series(1, 200000) AS n;
            ANALYZE audit.audit_request
            """);

        await using var database = Npgsql.NpgsqlDataSource.Create(_database);
        var histogram = await HistogramReader.ReadAsync(database, new HistoryQuery(), Sample.Noon, Sample.Noon.AddSeconds(2_001), 10, mostCost: 0, CancellationToken.None);
        var nothing = await HistogramReader.ReadAsync(
            database, new HistoryQuery { App = "nobody" }, Sample.Noon, Sample.Noon.AddSeconds(2_001), 10, mostCost: 0, CancellationToken.None);

        Assert.True(histogram!.IsEstimated);
        Assert.All(histogram.Bars, static bar => Assert.InRange(bar.Total, 15_000, 25_000));
        Assert.Null(nothing);
    }

    [Fact]
    public async Task Export_IsOfOneMoment_WhateverIsAppendedMeanwhile()
    {
        await AppendAsync(Sample.Permit(), Sample.Permit());

        await using var export = await _history.OpenExportAsync(new HistoryQuery(), CancellationToken.None);
        await AppendAsync(Sample.Permit());

        Assert.Equal(2, export.Rows);
        Assert.Equal(2, (await IdsAsync(export)).Count);
        Assert.Equal([("history", 1L, 2L)], export.Heads.Select(static head => (head.Shard, head.Epoch, head.Size)));
    }

    [Fact]
    public async Task Sizes_SayWhereTheLogHasAGap()
    {
        await AppendAsync(Sample.Permit(), Sample.Permit(), Sample.Permit());
        var whole = Assert.Single(await _history.SizesAsync(CancellationToken.None));
        await Sql.ExecuteAsync(_database, "DELETE FROM audit.mt_events WHERE version = 2");
        var broken = Assert.Single(await _history.SizesAsync(CancellationToken.None));

        Assert.Equal((3L, 3L, 3L, false), (whole.Size, whole.Stored, whole.Hashed, whole.HasGap));
        Assert.NotNull(whole.LastCommit);
        Assert.Equal((3L, 2L, true), (broken.Size, broken.Stored, broken.HasGap));
    }

    [Fact]
    public async Task Notices_AreWhatIsAboutNoRequest_NewestFirst()
    {
        HistoryRead read = new() { Id = Guid.CreateVersion7(), At = Sample.Noon.AddMinutes(1), Reader = "carla", Query = "class=phi", Rows = 3 };
        PolicyActivated activated = new() { Id = Guid.CreateVersion7(), At = Sample.Noon, PolicyVersion = "sha256:1", PreviousVersion = null, Node = "n" };
        await AppendAsync(activated, Sample.Permit(), read, Sample.Suspended("azure-eastus"));

        Assert.Equal([read, activated], await _history.NoticesAsync([EventTypes.HistoryRead, EventTypes.PolicyActivated], 10, CancellationToken.None));
        Assert.Equal([read], await _history.NoticesAsync([EventTypes.HistoryRead, EventTypes.PolicyActivated], 1, CancellationToken.None));
        await _history.RebuildIndexAsync(CancellationToken.None);
        Assert.Equal([read], await _history.NoticesAsync([EventTypes.HistoryRead], 10, CancellationToken.None));
    }

    [Fact]
    public async Task Summary_SaysWhatWasDecided_WhereItCouldGo_AndHowItEnded()
    {
        var decided = Sample.Permit();
        await AppendAsync(decided, Sample.Attempt(decided.Id, 2, "claude-bedrock-us"), Sample.End(decided.Id, deployment: "claude-bedrock-us"));

        var summary = Assert.Single((await _history.QueryAsync(new HistoryQuery(), CancellationToken.None)).Decisions);
        Assert.Equal(
            (decided.Id, decided.At, "discharge-letters", "st-mary", "clinical-chat", "permit"),
            (summary.Id, summary.At, summary.App, summary.Tenant, summary.Route, summary.Outcome));
        Assert.Equal(["internal", "phi", "pii"], summary.Classes);
        Assert.Equal(["azure-eastus", "claude-bedrock-us"], summary.AuthorizedDeployments);
        Assert.Equal(("claude-bedrock-us", "completed", 5, null), (summary.AnsweredBy, summary.End, summary.Redactions, summary.RefusalCode));
    }

    [Fact]
    public async Task Pages_ShowEveryRequestOnce_NewestFirst_WhileNewOnesArrive()
    {
        // Three requests share each millisecond: the id breaks the tie.
        var decided = Enumerable.Range(0, 31).Select(static i => Sample.Permit(at: Sample.Noon.AddMilliseconds(i / 3))).ToArray();
        await AppendAsync([.. decided]);

        List<DecisionSummary> seen = [];
        string? cursor = null;
        do
        {
            var page = await _history.QueryAsync(new HistoryQuery { Limit = 7, Cursor = cursor }, CancellationToken.None);
            seen.AddRange(page.Decisions);
            cursor = page.NextCursor;
            await AppendAsync(Sample.Permit(at: Sample.Noon.AddHours(1)));
        }
        while (cursor is not null);

        Assert.Equal(decided.Select(static d => d.Id).Order(), seen.Select(static d => d.Id).Order());
        Assert.Equal(seen.Select(static d => d.At).OrderDescending(), seen.Select(static d => d.At));
    }

    [Fact]
    public async Task EventsOfARequest_ComeInOrder_ByteForByte()
    {
        var decided = Sample.Permit();
        var attempt = Sample.Attempt(decided.Id, 2, "claude-bedrock-us");
        var end = Sample.End(decided.Id);
        await AppendAsync(decided, Sample.Permit(), attempt, end);

        var events = await _history.EventsOfAsync(decided.Id, CancellationToken.None);
        Assert.Equal([("request_decided", 0L), ("attempt_authorized", 2L), ("request_completed", 3L)], events.Select(static e => (e.Type, e.Index)));
        Assert.Equal(((AuditEvent[])[decided, attempt, end]).Select(CanonicalJson.Write), events.Select(static e => e.CanonicalJson.ToArray()));
        Assert.Empty(await _history.EventsOfAsync(Guid.CreateVersion7(), CancellationToken.None));
    }

    [Fact]
    public async Task Index_MadeAgainFromTheEvents_IsWhatItWas()
    {
        var decided = Sample.Permit();
        await AppendAsync(decided, Sample.Deny(), Sample.Permit(), Sample.Attempt(decided.Id, 2, "claude-bedrock-us"), Sample.End(decided.Id));
        const string Everything = "SELECT coalesce(string_agg(r::text, '|' ORDER BY id), '') FROM audit.audit_request r";
        var before = await Sql.ScalarAsync<string>(_database, Everything);
        await Sql.ExecuteAsync(_database, "UPDATE audit.audit_request SET app = 'forged'");

        Assert.Equal(5, await _history.RebuildIndexAsync(CancellationToken.None));
        Assert.Equal(before, await Sql.ScalarAsync<string>(_database, Everything));
    }

    [Fact]
    public async Task WrongUse_IsRefused_AndADatabaseWithoutALogIsNamed()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _history.QueryAsync(new HistoryQuery { Limit = 0 }, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _history.QueryAsync(new HistoryQuery { Limit = 501 }, CancellationToken.None));
        foreach (var cursor in (string[])["", "x", "AAAA", "!!!", new string('_', 32)])
        {
            await Assert.ThrowsAsync<ArgumentException>(() => _history.QueryAsync(new HistoryQuery { Cursor = cursor }, CancellationToken.None));
        }

        await using var empty = AuditHistory.Open(await PostgresFixture.CreateDatabaseAsync());
        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => empty.QueryAsync(new HistoryQuery(), CancellationToken.None));
        Assert.Contains("no audit log", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<List<Guid>> IdsAsync(DecisionExport export)
    {
        List<Guid> ids = [];
        await foreach (var row in export.RowsAsync(CancellationToken.None))
        {
            ids.Add(row.Id);
        }

        return ids;
    }

    private async Task AppendAsync(params AuditEvent[] entries)
    {
        foreach (var entry in entries)
        {
            await _log.AppendAsync(entry, CancellationToken.None);
        }
    }
}
