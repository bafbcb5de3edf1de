using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Faults;

public sealed class StandbyTests
{
    private const string WaitingForTheStandby =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'policyrouter audit standby' AND wait_event = 'SyncRep'";

    [Theory]
    [InlineData("pg_cancel_backend")]
    [InlineData("pg_terminate_backend")]
    public async Task CommitThatNoStandbyConfirmed_IsRefused_EvenWhenAnOperatorCutsTheWaitShort(string cut)
    {
        var folder = TestFolder.Create("standby");
        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            // This connection must not wait for a standby itself.
            var database = server.ConnectionString + ";Pooling=false;Options=-c synchronous_commit=local";
            await using var log = await AuditLog.OpenAsync(
                new AuditLogOptions { ConnectionString = server.ConnectionString, Shard = "standby", Deadline = TimeSpan.FromSeconds(30) },
                TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
            await ServerKillTests.AppendUntilRecordedAsync(log);
            await Sql.ExecuteAsync(database, "ALTER SYSTEM SET synchronous_standby_names = 'absent'");
            await Sql.ExecuteAsync(database, "SELECT pg_reload_conf()");

            // Commits from before the server has taken the setting do not wait.
            var append = log.AppendAsync(Sample.Permit(), CancellationToken.None);
            while (await Sql.ScalarAsync<long>(database, WaitingForTheStandby) == 0)
            {
                if (append.IsCompleted)
                {
                    await append;
                    append = log.AppendAsync(Sample.Permit(), CancellationToken.None);
                }
            }

            // PostgreSQL now answers the commit as a success, with a warning; or hangs up, and has it all the same.
            await Sql.ExecuteAsync(
                database, $"SELECT {cut}(pid) FROM pg_stat_activity WHERE application_name = 'policyrouter audit standby'");
            await Assert.ThrowsAsync<AuditUnavailableException>(() => append);

            await Sql.ExecuteAsync(database, "ALTER SYSTEM RESET synchronous_standby_names");
            await Sql.ExecuteAsync(database, "SELECT pg_reload_conf()");
            await ServerKillTests.AppendUntilRecordedAsync(log);
            await StoredLog.AssertConsistentAsync(database, "standby");
        }

        Directory.Delete(folder, recursive: true);
    }

    [SkippableFact]
    public async Task StandbyThatHasEveryCommit_IsPromoted_AndTheLogGoesOnThere()
    {
        await using var servers = await Pair.StartAsync();
        await StandbyServer.WaitForItAsync(servers.Primary);
        var recorded = Sample.Permit(at: TimeProvider.System.GetUtcNow());
        await using (var log = await servers.OpenAsync())
        {
            await log.AppendAsync(recorded, CancellationToken.None);
            servers.KillPrimary();

            // Nobody takes writes: refused, however long that lasts.
            await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), CancellationToken.None));
            await StandbyServer.PromoteAsync(servers.Standby);
            await ServerKillTests.AppendUntilRecordedAsync(log);
            Assert.True(log.IsWritable);

            // All that stands beside the writer goes there as well; what had a connection to the former primary finds out first.
            await Eventually.HoldsAsync(() => log.PublishCheckpointAsync(CancellationToken.None));
            Assert.True(await log.ReadBackAsync(CancellationToken.None));
            Assert.True(await log.TryUseApprovalsAsync(["token-1"], recorded.Id, CancellationToken.None));
        }

        await using var history = AuditHistory.Open(servers.Both);
        Assert.Contains((await history.QueryAsync(new HistoryQuery(), CancellationToken.None)).Decisions, decision => decision.Id == recorded.Id);
        await StoredLog.AssertConsistentAsync(servers.Promoted, "standby");
    }

    [SkippableFact]
    public async Task PromotedStandbyThatLacksCommits_IsRefused_ByTheGatewayThatRuns_AndByTheNext()
    {
        await using var servers = await Pair.StartAsync();
        await using (var log = await servers.OpenAsync())
        {
            await log.AppendAsync(Sample.Permit(), CancellationToken.None);
            await StandbyServer.CutOffAsync(servers.Standby);
            await log.AppendAsync(Sample.Permit(), CancellationToken.None);
            Assert.True(await log.PublishCheckpointAsync(CancellationToken.None));
            servers.KillPrimary();
            await StandbyServer.PromoteAsync(servers.Standby);

            using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
            string why;
            do
            {
                why = (await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), patience.Token))).Message;
            }
            while (!why.Contains("fenced", StringComparison.Ordinal));
            Assert.False(log.IsWritable);
        }

        Assert.Single(await StoredLog.EventsAsync(servers.Promoted, "standby"));
        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(servers.OpenAsync);
        Assert.Contains("went back in time", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("epoch 1 of shard standby has 1 events, and a kept checkpoint covers 2", refusal.Message, StringComparison.Ordinal);
        Assert.Single(await StoredLog.EventsAsync(servers.Promoted, "standby"));
    }

    /// <summary>A primary and its standby, and a log that is told of both.</summary>
    private sealed class Pair(string folder, LocalPostgresServer primary, LocalPostgresServer standby) : IAsyncDisposable
    {
        private readonly CheckpointSigner _signer = CheckpointSigner.Create();

        public LocalPostgresServer Primary => primary;
        public LocalPostgresServer Standby => standby;
        // The standby first: it is not asked for writes before it takes them.
        public string Both { get; } = StandbyServer.Both(standby, primary);
        public string Promoted => standby.ConnectionString + ";Pooling=false";

        public static async Task<Pair> StartAsync()
        {
            var missing = await StandbyServer.MissingAsync();
            Skip.IfNot(missing is null, missing);
            var folder = TestFolder.Create("pair");
            var primary = await LocalPostgresServer.StartAsync(Path.Combine(folder, "primary"), NullLogger.Instance, CancellationToken.None);
            return new Pair(folder, primary, await StandbyServer.FollowAsync(primary, Path.Combine(folder, "standby")));
        }

        public Task<AuditLog> OpenAsync() => AuditLog.OpenAsync(
            new AuditLogOptions
            {
                ConnectionString = Both, Shard = "standby", Deadline = TimeSpan.FromSeconds(20), Signer = _signer, CheckpointFolder = Path.Combine(folder, "checkpoints"),
            },
            TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

        /// <summary>With all of its processes, for ever.</summary>
        public void KillPrimary() => Signal.KillServer(primary.ProcessId);

        public async ValueTask DisposeAsync()
        {
            await primary.DisposeAsync();
            await standby.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
