using System.Globalization;
using CsCheck;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Projecting;

/// <summary>The sums that follow the log are the sums over its events, whoever keeps them and whatever dies.</summary>
public sealed class ProjectionTests : IAsyncLifetime
{
    private readonly SealedLog _log = new("gateway");

    public Task InitializeAsync() => _log.CreateAsync(events: 0);

    public Task DisposeAsync() => _log.CleanAsync();

    [Fact]
    public async Task Sums_OfAnyHistory_AreThoseOfItsEvents_AndARebuildMakesTheSame()
    {
        await using (await StartAsync("node-1"))
        {
            await Gen.Select(AnyHistory.Requests, AnyHistory.Requests).SampleAsync(
                async (first, second) =>
                {
                    // Each time both shards begin an epoch and close what is open as unknown.
                    await Task.WhenAll(RecordAsync(first), RecordAsync(second, "other"));
                    await Sums.CaughtUpAsync(_log.Database);
                    await Sums.AssertExactAsync(_log.Database);
                },
                iter: 5,
                threads: 1);
        }

        var (usage, disclosures) = (await Sums.UsageAsync(_log.Database), await Sums.DisclosuresAsync(_log.Database));
        List<(long Done, long Of)> told = [];
        await using (var rebuild = await ProjectionRebuild.TakeAsync(_log.Database, CancellationToken.None))
        {
            Assert.Equal(usage.Count, await rebuild.SumsAsync(ProjectionNames.Usage, (done, of) => told.Add((done, of)), CancellationToken.None));
            Assert.Equal(disclosures.Count, await rebuild.SumsAsync(ProjectionNames.Disclosures, null, CancellationToken.None));
            Assert.True(await rebuild.IndexAsync(null, CancellationToken.None) > 0);
        }

        Assert.Equal(usage, await Sums.UsageAsync(_log.Database));
        Assert.Equal(disclosures, await Sums.DisclosuresAsync(_log.Database));
        Assert.Contains(told, static one => one.Done == one.Of);
    }

    [Fact]
    public async Task DaemonsThatComeAndGo_CountEveryEventOnce()
    {
        for (var life = 0; life < 4; life++)
        {
            // Stopped wherever it is: nobody waits for it to catch up.
            await using var node = await StartAsync(string.Create(CultureInfo.InvariantCulture, $"node-{life}"));
            await RecordAsync(AnyHistory.Requests.Single());
            await Eventually.HoldsAsync(() => node.Leads);
            await RecordAsync(AnyHistory.Requests.Single());
        }

        await using (await StartAsync("last"))
        {
            await Sums.CaughtUpAsync(_log.Database);
            await Sums.AssertExactAsync(_log.Database);
        }
    }

    [Fact]
    public async Task WhenTheLeaderStops_TheNextOneTakesOver_AndThereAreNeverTwo()
    {
        var first = await StartAsync("node-1");
        await Eventually.HoldsAsync(() => first.Leads);
        await using var second = await StartAsync("node-2");
        await RecordAsync(AnyHistory.Requests.Single());
        await Sums.CaughtUpAsync(_log.Database);
        Assert.False(second.Leads);
        await Assert.ThrowsAsync<RebuildRefusedException>(() => ProjectionRebuild.TakeAsync(_log.Database, CancellationToken.None));

        await first.DisposeAsync();
        await RecordAsync(AnyHistory.Requests.Single());
        await Sums.CaughtUpAsync(_log.Database);

        await Sums.AssertExactAsync(_log.Database);
        Assert.True(second.Leads);
    }

    [Fact]
    public async Task WhenTheLeadersConnectionsAreCut_SomebodyLeadsAgain_AndCountsGoOn()
    {
        await using var first = await StartAsync("node-1");
        await using var second = await StartAsync("node-2");
        for (var cut = 0; cut < 3; cut++)
        {
            await RecordAsync(AnyHistory.Requests.Single());
            await Sql.ScalarAsync<long>(
                _log.Database, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'policyrouter projections %'");
        }

        await Sums.CaughtUpAsync(_log.Database);
        await Sums.AssertExactAsync(_log.Database);
    }

    [Fact]
    public async Task TwoThatBothBelieveTheyLead_StillCountEveryEventOnce()
    {
        await RecordAsync(AnyHistory.Requests.Single());
        await using (await StartAsync("node-1"))
        await using (var database = NpgsqlDataSource.Create(AuditConnectionString.ForProjections(_log.Database, "split")))
        await using (var store = ProjectionStore.Open(database))
        {
            // A daemon that asks for no lock, as one whose lock was lost unnoticed.
            using var other = (IDisposable)await store.BuildProjectionDaemonAsync();
            await ((IProjectionDaemon)other).StartAllAsync();
            for (var i = 0; i < 5; i++)
            {
                await RecordAsync(AnyHistory.Requests.Single());
            }

            await Sums.CaughtUpAsync(_log.Database);
        }

        await Sums.AssertExactAsync(_log.Database);
    }

    [Fact]
    public async Task DatabaseThatIsAwayAtTheStart_AndDiesLater_IsFollowedAsSoonAsItIsThere()
    {
        var folder = TestFolder.Create("projections");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        var connectionString = server.ConnectionString;
        await using (var log = await _log.OpenAsync(database: connectionString, folder: folder + "-checkpoints"))
        {
            await log.AppendAsync(Permit(out _), CancellationToken.None);
        }

        await server.DisposeAsync();
        await using (await AuditProjections.StartAsync(connectionString, "node-1", TimeProvider.System, NullLoggerFactory.Instance))
        {
            for (var life = 0; life < 2; life++)
            {
                await using var alive = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
                await Sums.CaughtUpAsync(connectionString);
                await Sums.AssertExactAsync(connectionString);
                await using (var log = await _log.OpenAsync(database: connectionString, folder: folder + "-checkpoints"))
                {
                    await log.AppendAsync(Permit(out _), CancellationToken.None);
                }

                Faults.Signal.KillServer(alive.ProcessId);
            }

            await using var last = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
            await Sums.CaughtUpAsync(connectionString);
            await Sums.AssertExactAsync(connectionString);
        }

        Directory.Delete(folder, recursive: true);
        Directory.Delete(folder + "-checkpoints", recursive: true);
    }

    [Fact]
    public async Task SumsOfRetiredEpochs_Stay_WhateverIsMadeAgain()
    {
        await RecordAsync([[Permit(out var open, app: "spans")], [Permit(out var closed), Sample.End(closed)]]);
        await RecordAsync([[Permit(out var later), Sample.Attempt(later, 2, "claude-bedrock-us"), Sample.End(later)]]);
        await using (await StartAsync("node-1"))
        {
            await Sums.CaughtUpAsync(_log.Database);
            await Sums.AssertExactAsync(_log.Database);
        }

        // The request that was open when its epoch ended has its end, `unknown`, in the next.
        var (usage, disclosures) = (await Sums.UsageAsync(_log.Database), await Sums.DisclosuresAsync(_log.Database));
        Assert.Contains(usage, static row => row.Key.Contains("|spans|", StringComparison.Ordinal) && row.Key.Contains("|unknown|", StringComparison.Ordinal));
        await RetireAsync(epoch: 2);
        await using (var rebuild = await ProjectionRebuild.TakeAsync(_log.Database, CancellationToken.None))
        {
            await rebuild.SumsAsync(ProjectionNames.Usage, null, CancellationToken.None);
            await rebuild.SumsAsync(ProjectionNames.Disclosures, null, CancellationToken.None);
        }

        Assert.Equal(usage, await Sums.UsageAsync(_log.Database));
        Assert.Equal(disclosures, await Sums.DisclosuresAsync(_log.Database));
        Assert.NotEqual(Guid.Empty, open);
    }

    [Fact]
    public async Task EpochThatTheSumsHaveYetToCount_IsNotRetired_TheLaterEndsOfItsRequestsIncluded()
    {
        await RecordAsync([[Permit(out _)], [Permit(out var closed), Sample.End(closed)]]);
        await RecordAsync([]);
        Assert.Contains("have yet to count it", await ObstacleAsync(), StringComparison.Ordinal);

        await CountAsync();
        Assert.Null(await ObstacleAsync());

        // A request that is long open ends in a third epoch: without its decision nobody could count that.
        await RecordAsync([[Sample.End(closed)]]);
        Assert.Contains("sums of daily-usage have yet to count it", await ObstacleAsync(), StringComparison.Ordinal);
        await CountAsync();
        Assert.Null(await ObstacleAsync());

        async Task<string?> ObstacleAsync() => (await FindAsync(epoch: 2)).Obstacle;

        async Task CountAsync()
        {
            await using (await StartAsync("node-1"))
            {
                await Sums.CaughtUpAsync(_log.Database);
            }
        }
    }

    [Fact]
    public async Task Answers_AreBoundedByTenant_ComeInPages_AndSayHowFarBehindTheyAre()
    {
        await RecordAsync([.. Enumerable.Range(0, 7).Select(i => (IReadOnlyList<AuditEvent>)
        [
            Permit(out var id, app: $"app-{i}", tenant: i < 5 ? "st-mary" : "other"), Sample.End(id) with { CostMicros = 1_500, Currency = "USD" },
        ])]);
        await using var history = AuditHistory.Open(_log.Database);
        UsageQuery usage = new(new DateOnly(2026, 4, 28), new DateOnly(2026, 4, 29)) { Tenant = "st-mary", Limit = 2 };
        DisclosureQuery disclosures = new(new DateOnly(2026, 4, 28), new DateOnly(2026, 4, 29)) { Tenant = "st-mary", Class = "phi", Limit = 2 };

        var before = await history.UsageAsync(usage, CancellationToken.None);
        Assert.Equal((0, 7L), (before.Rows.Count, before.Standing.Behind));
        await using (await StartAsync("node-1"))
        {
            await Sums.CaughtUpAsync(_log.Database);
        }

        List<UsageRow> used = [];
        List<DisclosureRow> sent = [];
        do
        {
            var page = await history.UsageAsync(usage, CancellationToken.None);
            Assert.Equal(0, page.Standing.Behind);
            Assert.True(page.Standing.AsOf > before.Standing.AsOf);
            used.AddRange(page.Rows);
            usage = usage with { Cursor = page.NextCursor };
        }
        while (usage.Cursor is not null);
        do
        {
            var page = await history.DisclosuresAsync(disclosures, CancellationToken.None);
            sent.AddRange(page.Rows);
            disclosures = disclosures with { Cursor = page.NextCursor };
        }
        while (disclosures.Cursor is not null);

        Assert.Equal(["app-0", "app-1", "app-2", "app-3", "app-4"], used.Select(static row => row.App));
        Assert.All(used, static row => Assert.Equal(("azure-eastus", "USD", 1L, 310m, 95m, 1_500m), (row.Deployment, row.Currency, row.Ended["completed"], row.InputTokens, row.OutputTokens, row.CostMicros)));
        Assert.Equal(["app-0", "app-1", "app-2", "app-3", "app-4"], sent.Select(static row => row.App));
        Assert.All(sent, static row => Assert.Equal(("azure-eastus", "phi", 1L, Sample.Noon), (row.Deployment, row.Class, row.Sends, row.FirstAt)));
        Assert.Empty((await history.DisclosuresAsync(disclosures with { Deployments = ["nobody"] }, CancellationToken.None)).Rows);
        Assert.Empty((await history.UsageAsync(usage with { From = usage.To, To = usage.To.AddDays(1) }, CancellationToken.None)).Rows);
        await Assert.ThrowsAsync<ArgumentException>(() => history.UsageAsync(usage with { Cursor = "bm90IG91cnM" }, CancellationToken.None));
    }

    [Fact]
    public async Task PolicyThatWasInForce_IsFoundByTime_ForEachGateway()
    {
        await RecordAsync([[Activated("sha256:1", Sample.Noon), Activated("sha256:2", Sample.Noon.AddHours(1))]]);
        await RecordAsync([[Activated("sha256:1", Sample.Noon.AddMinutes(30))]], "other");
        await using var history = AuditHistory.Open(_log.Database);

        Assert.Empty(await history.PoliciesAtAsync(Sample.Noon.AddMinutes(-1), CancellationToken.None));
        Assert.Equal([("gateway", "sha256:1")], (await history.PoliciesAtAsync(Sample.Noon, CancellationToken.None)).Select(static one => (one.Shard, one.PolicyVersion)));
        Assert.Equal(
            [("gateway", "sha256:2"), ("other", "sha256:1")], (await history.PoliciesAtAsync(Sample.Noon.AddHours(2), CancellationToken.None)).Select(static one => (one.Shard, one.PolicyVersion)));
    }

    private static PolicyActivated Activated(string version, DateTimeOffset at) =>
        new() { Id = Guid.CreateVersion7(at), At = at, PolicyVersion = version, PreviousVersion = null, Node = "node-1" };

    private static RequestDecided Permit(out Guid id, string app = "discharge-letters", string tenant = "st-mary")
    {
        id = Guid.CreateVersion7();
        return Sample.Permit(id) with { App = app, Tenant = tenant };
    }

    private Task<AuditProjections> StartAsync(string node) => AuditProjections.StartAsync(_log.Database, node, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>In a new epoch; the events of each request in their order, those of several mixed.</summary>
    private async Task RecordAsync(IReadOnlyList<AuditEvent>[] requests, string? shard = null)
    {
        await using var log = await _log.OpenAsync(shard);
        await Task.WhenAll(requests.Select(async events =>
        {
            foreach (var entry in events)
            {
                await log.AppendAsync(entry, CancellationToken.None);
            }
        }));
    }

    private async Task RetireAsync(long epoch)
    {
        var found = await FindAsync(epoch);
        var archives = TestFolder.Create("archives");
        await using (var log = await _log.OpenAsync("tool"))
        {
            await Retirement().RetireAsync(found, archives, log, TimeProvider.System.GetUtcNow(), "operator-1", TimeProvider.System, CancellationToken.None);
        }

        Directory.Delete(archives, recursive: true);
    }

    private async Task<FinishedEpoch> FindAsync(long epoch) =>
        (await Retirement().FindAsync(TimeProvider.System.GetUtcNow().AddMinutes(1), CancellationToken.None)).Single(one => one.Epoch == epoch);

    private EpochRetirement Retirement() => new(_log.Database, [_log.Signer.Key], CheckpointFolder.ReadAll(_log.Checkpoints));
}
