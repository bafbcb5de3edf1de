using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Faults;

public sealed class StuckDatabaseTests : IAsyncLifetime
{
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgresFixture.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task FrozenDatabase_IsRefusedAtTheDeadline_AndTheLogRecoversAfterwards()
    {
        await using var log = await OpenAsync(_database, "frozen", deadline: TimeSpan.FromMilliseconds(500));
        await ServerKillTests.AppendUntilRecordedAsync(log);
        var backend = await Sql.ScalarAsync<int>(_database, "SELECT pid FROM pg_stat_activity WHERE application_name = 'policyrouter audit frozen'");

        await Signal.StopAsync(backend);
        try
        {
            var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), CancellationToken.None));
            Assert.Contains("deadline", refusal.Message, StringComparison.Ordinal);
            Assert.True(refusal.MayBeRecorded);
        }
        finally
        {
            await Signal.ContinueAsync(backend);
        }

        await ServerKillTests.AppendUntilRecordedAsync(log);
        await StoredLog.AssertConsistentAsync(_database, "frozen");
    }

    [Fact]
    public async Task FullQueue_RefusesAtOnce_AndKeepsWhatItTook()
    {
        await using var log = await OpenAsync(_database, "full", capacity: 4);
        List<Task<AuditReceipt>> taken = [];
        await using (await HeadLock.TakeAsync(_database, "full"))
        {
            Task<AuditReceipt> last;
            do
            {
                last = log.AppendAsync(Sample.Permit(), CancellationToken.None);
                taken.Add(last);
            }
            while (!last.IsFaulted);

            // One that the writer holds and four that queue, or four when it was not yet there.
            Assert.InRange(taken.Count - 1, 4, 5);
            taken.Remove(last);
            var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => last);
            Assert.Contains("full", refusal.Message, StringComparison.Ordinal);
            Assert.False(refusal.MayBeRecorded);
        }

        await Task.WhenAll(taken);
        Assert.Equal(taken.Count, (await StoredLog.EventsAsync(_database, "full")).Count);
    }

    [Fact]
    public async Task OutcomesBeyondHalfTheQueue_AreCounted_AndReadUnknownAfterTheNextStart()
    {
        var requests = Enumerable.Range(0, 3).Select(static _ => Sample.Permit()).ToArray();
        await using (var log = await OpenAsync(_database, "quota", capacity: 4))
        {
            await Task.WhenAll(requests.Select(request => log.AppendAsync(request, CancellationToken.None)));
            await using (await HeadLock.TakeAsync(_database, "quota"))
            {
                Assert.All(requests, request => log.AppendOutcome(Sample.End(request.Id)));
                Assert.Equal(1, log.OutcomesLeftToReconciliation);
            }
        }

        await using (await OpenAsync(_database, "quota"))
        {
            Assert.Equal("completed,completed,unknown", await Sql.ScalarAsync<string>(
                _database, "SELECT string_agg(end_outcome, ',' ORDER BY end_outcome) FROM audit.audit_request WHERE shard = 'quota'"));
        }
    }

    [Fact]
    public async Task CallerWhoGivesUpWhileQueued_LeavesNoRecord()
    {
        await using var log = await OpenAsync(_database, "cancelled", batch: 1);
        var abandoned = Sample.Permit();
        var first = Sample.Permit();
        Task<AuditReceipt> held;
        await using (await HeadLock.TakeAsync(_database, "cancelled"))
        {
            held = log.AppendAsync(first, CancellationToken.None);
            using CancellationTokenSource cancel = new();
            var queued = log.AppendAsync(abandoned, cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        }

        await held;
        await log.AppendAsync(Sample.Deny(), CancellationToken.None);
        Assert.DoesNotContain(abandoned.Id, (await StoredLog.EventsAsync(_database, "cancelled")).Select(static stored => stored.Id));
    }

    [Fact]
    public async Task CommitWhoseAnswerIsLost_IsRefusedThoughRecorded_AndClosedAsNotSent_AndItsOutcomesAreNotDoubled()
    {
        await using LostAnswerProxy proxy = new(_database);
        var request = Sample.Permit();
        var refused = Sample.Permit();
        await using (var log = await OpenAsync(proxy.ConnectionString, "answer"))
        {
            await log.AppendAsync(request, CancellationToken.None);
            proxy.LoseTheNextCommitsAnswer();
            log.AppendOutcome(Sample.End(request.Id));
            await ServerKillTests.AppendUntilRecordedAsync(log);

            proxy.LoseTheNextCommitsAnswer();
            Assert.True((await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(refused, CancellationToken.None))).MayBeRecorded);
            await ServerKillTests.AppendUntilRecordedAsync(log);
        }

        Assert.Equal(2, proxy.LostAnswers);
        var events = await StoredLog.EventsAsync(_database, "answer");
        Assert.Single(events, stored => stored.Id == refused.Id);
        Assert.Equal([(request.Id, Sample.End(request.Id).Outcome, 1), (refused.Id, "not-sent", 0)], Ends(events));
        await StoredLog.AssertConsistentAsync(_database, "answer");
    }

    [Fact]
    public async Task BatchThatReachesTheServerAfterItsWriterHasGoneOn_ChangesNothing_AndDoesNotFenceTheLog()
    {
        await using LostAnswerProxy proxy = new(_database);
        await using var log = await OpenAsync(proxy.ConnectionString, "tardy");
        await ServerKillTests.AppendUntilRecordedAsync(log);
        proxy.HoldTheNextCommit();
        var refused = Sample.Permit();
        Assert.True((await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(refused, CancellationToken.None))).MayBeRecorded);

        // The head is where the late batch wants it, since nothing came after it: only the term tells that the writer has another connection.
        while (!log.IsWritable)
        {
            await Task.Yield();
        }

        Assert.Contains("PR001", await proxy.LetItComeAsync(), StringComparison.Ordinal);
        await ServerKillTests.AppendUntilRecordedAsync(log);
        Assert.DoesNotContain(refused.Id, (await StoredLog.EventsAsync(_database, "tardy")).Select(static stored => stored.Id));
        await StoredLog.AssertConsistentAsync(_database, "tardy");
    }

    [Fact]
    public async Task PermitThatIsRecordedAfterItsDeadline_IsClosedAsNotSent_WhileTheLogRuns()
    {
        var late = Sample.Permit();
        var queued = Sample.Permit();
        await using (var log = await OpenAsync(_database, "late", batch: 1, deadline: TimeSpan.FromMilliseconds(900)))
        {
            await ServerKillTests.AppendUntilRecordedAsync(log);
            await using (await HeadLock.TakeAsync(_database, "late"))
            {
                var first = log.AppendAsync(late, CancellationToken.None);
                await HeadLock.AwaitedAsync(_database, "late");
                var second = log.AppendAsync(queued, CancellationToken.None);
                Assert.True((await Assert.ThrowsAsync<AuditUnavailableException>(() => first)).MayBeRecorded);
                Assert.False((await Assert.ThrowsAsync<AuditUnavailableException>(() => second)).MayBeRecorded);
            }

            await ServerKillTests.AppendUntilRecordedAsync(log);
        }

        // Whether the commit came through before the server lost patience is the server's affair; if it did, the permit has an end.
        var events = await StoredLog.EventsAsync(_database, "late");
        Assert.DoesNotContain(events, stored => stored.Id == queued.Id);
        Assert.Equal(events.Any(stored => stored.Id == late.Id) ? [(late.Id, "not-sent", 0)] : [], Ends(events));
        await StoredLog.AssertConsistentAsync(_database, "late");
    }

    [Fact]
    public async Task CallerWhoLeavesWhileHisPermitIsRecorded_LeavesARequestThatIsClosedAsCancelled()
    {
        var left = Sample.Permit();
        await using (var log = await OpenAsync(_database, "left"))
        {
            await using (await HeadLock.TakeAsync(_database, "left"))
            {
                using CancellationTokenSource leave = new();
                var append = log.AppendAsync(left, leave.Token);
                await HeadLock.AwaitedAsync(_database, "left");
                await leave.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
            }

            await ServerKillTests.AppendUntilRecordedAsync(log);
        }

        Assert.Equal([(left.Id, "cancelled", 0)], Ends(await StoredLog.EventsAsync(_database, "left")));
    }

    [Fact]
    public async Task CommitsThatAreMadeHollowWhileTheLogRuns_AreRefused()
    {
        await using var log = await OpenAsync(_database, "hollow");
        await ServerKillTests.AppendUntilRecordedAsync(log);
        await Sql.ExecuteAsync(
            _database,
            """
            CREATE FUNCTION audit.hollow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$;
            CREATE TRIGGER hollow AFTER INSERT ON audit.tlog_batch FOR EACH STATEMENT EXECUTE FUNCTION audit.hollow()
            """);

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), CancellationToken.None));

        Assert.Contains("synchronous_commit", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.MayBeRecorded);
        Assert.Single(await StoredLog.EventsAsync(_database, "hollow"));
        await Sql.ExecuteAsync(_database, "DROP TRIGGER hollow ON audit.tlog_batch");
        await ServerKillTests.AppendUntilRecordedAsync(log);
    }

    [Fact]
    public async Task BackendTerminatedByAnOperator_CostsAtMostABatch()
    {
        await using var log = await OpenAsync(_database, "terminated");
        await ServerKillTests.AppendUntilRecordedAsync(log);
        await Sql.ExecuteAsync(
            _database, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'policyrouter audit terminated'");

        await ServerKillTests.AppendUntilRecordedAsync(log);
        Assert.True(log.IsWritable);
        await StoredLog.AssertConsistentAsync(_database, "terminated");
    }

    [Fact]
    public async Task PoolAtItsLimit_RefusesApprovalsInTime_WhileDecisionsAreRecorded_AndRecovers()
    {
        await using var log = await OpenAsync(_database + ";Maximum Pool Size=1", "pool", deadline: TimeSpan.FromSeconds(5));
        await ServerKillTests.AppendUntilRecordedAsync(log);
        await using NpgsqlConnection holder = new(_database);
        await holder.OpenAsync();
        await using (NpgsqlCommand hold = new("BEGIN; LOCK TABLE audit.approval_use", holder))
        {
            await hold.ExecuteNonQueryAsync();
        }

        // The one connection there is waits for the table; the others wait for the connection.
        var asked = Enumerable.Range(0, 8).Select(i => log.TryUseApprovalsAsync([$"token-{i}"], Guid.CreateVersion7(), CancellationToken.None)).ToList();
        await ServerKillTests.AppendUntilRecordedAsync(log);
        foreach (var one in asked)
        {
            await Assert.ThrowsAsync<AuditUnavailableException>(() => one);
        }

        Assert.True(log.IsWritable);
        await using (NpgsqlCommand free = new("ROLLBACK", holder))
        {
            await free.ExecuteNonQueryAsync();
        }

        Assert.True(await log.TryUseApprovalsAsync(["token-9"], Guid.CreateVersion7(), CancellationToken.None));
        Assert.Equal(1, await Sql.ScalarAsync<long>(_database, "SELECT count(*) FROM audit.approval_use"));
    }

    [Fact]
    public async Task DatabaseThatWentBackInTime_FencesTheWriter()
    {
        await using var log = await OpenAsync(_database, "restored");
        await ServerKillTests.AppendUntilRecordedAsync(log);
        await Sql.ExecuteAsync(_database, "UPDATE audit.tlog_head SET size = 0 WHERE shard = 'restored'");

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), CancellationToken.None));
        Assert.False(log.IsWritable);
        Assert.Single(await StoredLog.EventsAsync(_database, "restored"));
    }

    private static Task<AuditLog> OpenAsync(string database, string shard, int capacity = 64, int batch = 512, TimeSpan? deadline = null) => AuditLog.OpenAsync(
        new AuditLogOptions
        {
            ConnectionString = database, Shard = shard, QueueCapacity = capacity, MaxBatch = batch, Deadline = deadline ?? TimeSpan.FromSeconds(30),
        },
        TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    /// <summary>Request, outcome and attempts of every end in the log.</summary>
    private static IEnumerable<(Guid Request, string Outcome, int Attempts)> Ends(IEnumerable<StoredEvent> events) => events
        .Select(static stored => CanonicalJsonReader.Read(stored.Bytes)).OfType<RequestCompleted>().Select(static end => (end.RequestId, end.Outcome, end.Attempts));

    /// <summary>Holds the row that every commit of a shard must advance, until it is disposed.</summary>
    private sealed class HeadLock(NpgsqlConnection connection) : IAsyncDisposable
    {
        public static async Task<HeadLock> TakeAsync(string database, string shard)
        {
            NpgsqlConnection connection = new(database);
            await connection.OpenAsync();
            await using NpgsqlCommand command = new(
                $"BEGIN; SELECT size FROM audit.tlog_head WHERE shard = '{shard}' FOR UPDATE", connection);
            await command.ExecuteNonQueryAsync();
            return new HeadLock(connection);
        }

        /// <summary>Returns when the writer waits for the row.</summary>
        public static async Task AwaitedAsync(string database, string shard)
        {
            using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
            while (await Sql.ScalarAsync<long>(
                database, $"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'policyrouter audit {shard}' AND wait_event_type = 'Lock'") == 0)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await using NpgsqlCommand command = new("ROLLBACK", connection);
            await command.ExecuteNonQueryAsync();
            await connection.DisposeAsync();
        }
    }
}
