using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Reporting;

/// <summary>Reports of real logs.</summary>
public class ReportReaderTests
{
    private static readonly ReportPeriod Day = new(Story.At("00:00:00"), Story.At("00:00:00").AddDays(1));

    [Fact]
    public async Task ReportOfTheLog_IsTheReportOfItsEvents()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var story = OutageStory.Tell();
        await AppendAsync(database, story.Events, shards: 1);

        var report = await ReportAsync(database);

        Assert.Equal(Figures(story.Report()), Figures(report));
        Assert.Equal((story.Events.Count, 0L), (report.Source.EventsRead, report.Source.EventsMissing));
        Assert.Equal(story.Events.Count, Assert.Single(report.Source.Streams).Events);
        Assert.Equal(Story.At("13:00:00"), report.Source.FirstDecision);
    }

    /// <summary>Which node recorded what, and in which order the nodes committed, makes no difference.</summary>
    [Fact]
    public Task OrderOfDifferentShards_DoesNotMatter() => Gen.Select(ReportBuilderTests.AnyRequest.Array[150], Gen.Int).SampleAsync(
        static async (requests, seed) =>
        {
            Story story = new();
            foreach (var (decided, end) in requests)
            {
                story.Add(decided);
                if (end is not null)
                {
                    story.Add(end);
                }
            }

            var database = await PostgresFixture.CreateDatabaseAsync();

            // The requests in any order; the events of one in theirs, on one node.
            Random random = new(seed);
            var shuffled = story.Events.GroupBy(RequestOf).OrderBy(_ => random.Next()).SelectMany(static request => request).ToList();
            await AppendAsync(database, shuffled, shards: 3);

            Assert.Equal(Figures(story.Report()), Figures(await ReportAsync(database)));
        },
        iter: 5,
        threads: 1);

    [Fact]
    public async Task Period_HoldsWhatWasDecidedInIt_AndWhatHappenedInIt()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        Story story = new();
        foreach (var hours in new[] { -30, -1, 0, 23, 24, 60 })
        {
            var at = Day.From.AddHours(hours);
            story.Permitted(at, "claude");
            story.Add(new PolicyActivated { Id = Guid.CreateVersion7(), At = at, PolicyVersion = $"v{hours}", PreviousVersion = null, Node = "n" });
            story.Add(new HistoryRead { Id = Guid.CreateVersion7(), At = at, Reader = "r", Query = "q", Rows = 1 });
        }

        await AppendAsync(database, story.Events, shards: 1);
        var report = await ReportAsync(database);

        Assert.Equal(2, report.Requests.Answered);
        Assert.Equal(["v0", "v23"], report.Timeline.Select(static entry => entry.Subject));
        Assert.Equal(2, report.Source.HistoryReads);
    }

    [Fact]
    public async Task EventThatIsGoneFromTheLog_IsReported()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        Story story = new();
        var gone = story.Permitted(Sample.Noon, "claude");
        story.Permitted(Sample.Noon, "claude");
        await AppendAsync(database, story.Events, shards: 1);
        await Sql.ExecuteAsync(database, $"DELETE FROM audit.mt_events WHERE id = '{gone.Id}'");

        var report = await ReportAsync(database);

        Assert.Equal((1L, 1L), (report.Source.EventsMissing, report.Requests.Total));
    }

    [Fact]
    public async Task LogWithoutDecisions_IsReportedAsEmpty_AndADatabaseWithoutALogIsNone()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await Assert.ThrowsAsync<AuditUnavailableException>(() => ReportAsync(database));
        await AppendAsync(database, [], shards: 1);

        var report = await ReportAsync(database);

        Assert.Equal(0, report.Requests.Total);
        Assert.Null(report.Source.FirstDecision);
    }

    [Fact]
    public async Task Reading_IsRecordedByWhoeverCanWrite_AndOnlyByThem()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await AppendAsync(database, [], shards: 1);
        await Sql.ExecuteAsync(
            database,
            "DROP ROLE IF EXISTS only_reads; CREATE ROLE only_reads LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA audit TO only_reads; GRANT SELECT ON ALL TABLES IN SCHEMA audit TO only_reads");
        var read = HistoryReads.Of("auditor-1", "audit query app=triage", 12, TimeProvider.System);
        NpgsqlConnectionStringBuilder auditor = new(database) { Username = "only_reads", Password = "r" };

        Assert.True(await HistoryReads.TryRecordAsync(Writing(database, "reader 1"), read, TimeProvider.System, CancellationToken.None));
        Assert.False(await HistoryReads.TryRecordAsync(Writing(auditor.ConnectionString, "reader 2"), read, TimeProvider.System, CancellationToken.None));
        await Sql.ExecuteAsync(
            database,
            "DROP ROLE IF EXISTS adds_only; CREATE ROLE adds_only LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA audit TO adds_only; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA audit TO adds_only; GRANT USAGE ON ALL SEQUENCES IN SCHEMA audit TO adds_only");
        auditor.Username = "adds_only";
        Assert.True(await HistoryReads.TryRecordAsync(Writing(auditor.ConnectionString, "reader 4"), read with { Id = Guid.CreateVersion7() }, TimeProvider.System, CancellationToken.None));
        auditor.Username = "nobody_at_all";
        await Assert.ThrowsAsync<AuditUnavailableException>(
            () => HistoryReads.TryRecordAsync(Writing(auditor.ConnectionString, "reader 3"), read, TimeProvider.System, CancellationToken.None));

        var stored = Assert.IsType<HistoryRead>(CanonicalJsonReader.Read(Assert.Single(await StoredLog.EventsAsync(database, "reader 1")).Bytes));
        Assert.Equal(("auditor-1", "audit query app=triage", 12), (stored.Reader, stored.Query, stored.Rows));
        Assert.Empty(await StoredLog.EventsAsync(database, "reader 2"));
        Assert.Single(await StoredLog.EventsAsync(database, "reader 4"));
    }

    private static async Task<AuditReport> ReportAsync(string database)
    {
        await using var history = AuditHistory.Open(database);
        return await history.ReportAsync(Day, Sample.Noon, new Progress<long>(), CancellationToken.None);
    }

    private static Guid RequestOf(AuditEvent entry) => entry is RequestCompleted completed ? completed.RequestId : entry.Id;

    /// <summary>Appends the events in their order; those of one request go to one of the shards.</summary>
    private static async Task AppendAsync(string database, IReadOnlyList<AuditEvent> events, int shards)
    {
        List<AuditLog> logs = [];
        for (var shard = 0; shard < shards; shard++)
        {
            AuditLogOptions options = new() { ConnectionString = database, Shard = $"shard-{shard}", Deadline = TimeSpan.FromSeconds(20) };
            logs.Add(await AuditLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));
        }

        foreach (var batch in events.Chunk(100))
        {
            await Task.WhenAll(batch.Select(entry => logs[Math.Abs(RequestOf(entry).GetHashCode()) % shards].AppendAsync(entry, CancellationToken.None)));
        }

        foreach (var log in logs)
        {
            await log.DisposeAsync();
        }
    }

    /// <summary>Everything but what the report was made from.</summary>
    private static string Figures(AuditReport report) => JsonSerializer.Serialize(report with { Source = report.Source with { EventsRead = 0, Streams = [], FirstDecision = null, LastDecision = null } })
        + string.Join(',', Enum.GetValues<RequestFate>().Select(fate => report.Requests[fate]));

    private static AuditLogOptions Writing(string database, string shard) =>
        new() { ConnectionString = database, Shard = shard, CreatesSchema = false, Deadline = TimeSpan.FromSeconds(20) };
}
