using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
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
        var before = await StoredLog.ScalarAsync<string>(_database, Everything);
        await StoredLog.ExecuteAsync(_database, "UPDATE audit.audit_request SET app = 'forged'");

        Assert.Equal(5, await _history.RebuildIndexAsync(CancellationToken.None));
        Assert.Equal(before, await StoredLog.ScalarAsync<string>(_database, Everything));
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

    private async Task AppendAsync(params AuditEvent[] entries)
    {
        foreach (var entry in entries)
        {
            await _log.AppendAsync(entry, CancellationToken.None);
        }
    }
}
