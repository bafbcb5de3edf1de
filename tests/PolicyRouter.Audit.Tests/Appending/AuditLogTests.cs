using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Appending;

public sealed class AuditLogTests : IAsyncLifetime
{
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgresFixture.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task SixtyFourCallersAtOnce_GetDenseIndexes_AndTheLogHoldsExactlyTheirEvents()
    {
        await using var log = await OpenAsync("callers");
        var receipts = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            List<AuditReceipt> mine = [];
            for (var i = 0; i < 8; i++)
            {
                mine.Add(await log.AppendAsync(Sample.Permit(), CancellationToken.None));
            }

            return mine;
        })));

        var events = await StoredLog.EventsAsync(_database, "callers");
        Assert.Equal(512, events.Count);
        Assert.Equal(
            receipts.SelectMany(static mine => mine).OrderBy(static receipt => receipt.Index).Select(static receipt => receipt.EventId),
            events.Select(static stored => stored.Id));
        await StoredLog.AssertConsistentAsync(_database, "callers");
    }

    [Fact]
    public async Task Receipt_NamesWhatTheEventAuthorises_AndCanBeClaimedOnce()
    {
        await using var log = await OpenAsync("receipts");
        var decided = Sample.Permit();
        var first = await log.AppendAsync(decided, CancellationToken.None);
        var attempt = Sample.Attempt(decided.Id, 2, "claude-bedrock-us");
        var second = await log.AppendAsync(attempt, CancellationToken.None);

        Assert.Equal(
            (decided.Id, decided.Id, "azure-eastus", decided.SentHash, 0L),
            (first.RequestId, first.EventId, first.AuthorizedDeployment, first.SentHash, first.Index));
        Assert.Equal(
            (decided.Id, attempt.Id, "claude-bedrock-us", attempt.SentHash, 1L),
            (second.RequestId, second.EventId, second.AuthorizedDeployment, second.SentHash, second.Index));
        Assert.True(first.TryClaim());
        Assert.False(first.TryClaim());
    }

    [Fact]
    public async Task AnApproval_IsUsedOnce_WhateverProcessAsks_AndNoneOfAListIsUsedWhenOneWas()
    {
        await using (var log = await OpenAsync("approvals"))
        {
            Assert.True(await log.TryUseApprovalsAsync(["ana A-1", "ana A-2"], Guid.CreateVersion7(), CancellationToken.None));
            Assert.False(await log.TryUseApprovalsAsync(["ana A-1"], Guid.CreateVersion7(), CancellationToken.None));
        }

        await using var other = await OpenAsync("approvals-other");
        Assert.False(await other.TryUseApprovalsAsync(["ana A-3", "ana A-2"], Guid.CreateVersion7(), CancellationToken.None));
        Assert.True(await other.TryUseApprovalsAsync(["ana A-3", "ben A-2"], Guid.CreateVersion7(), CancellationToken.None));
    }

    [Fact]
    public async Task OneApproval_AskedForByManyAtOnce_IsUsedOnce()
    {
        await using var log = await OpenAsync("approvals");

        var uses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => log.TryUseApprovalsAsync(["ana A-1", "ben B-1"], Guid.CreateVersion7(), CancellationToken.None)));

        Assert.Single(uses, static used => used);
    }

    [Fact]
    public async Task EveryTypeOfEvent_IsStoredAsItsCanonicalJson()
    {
        var handOff = Sample.HandOff(Guid.CreateVersion7());
        AuditEvent[] entries =
        [
            new PolicyActivated { Id = Guid.CreateVersion7(), At = Sample.Noon, PolicyVersion = "sha256:4f1c", PreviousVersion = null, Node = "n" },
            new PolicyRejected { Id = Guid.CreateVersion7(), At = Sample.Noon, PolicyVersionInForce = "sha256:4f1c", Problems = ["a.yaml:1:2 PR001"], Node = "n" },
            Sample.Permit(),
            Sample.Deny(),
            new HistoryRead { Id = Guid.CreateVersion7(), At = Sample.Noon, Reader = "auditor-1", Query = "class=phi", Rows = 12 },
            new HistoryExported { Id = Guid.CreateVersion7(), At = Sample.Noon, Reader = "auditor-1", Query = "all", Format = "ndjson" },
            Sample.Attempt(Guid.CreateVersion7(), 2, "claude-bedrock-us"),
            Sample.End(Guid.CreateVersion7()),
            Sample.Suspended("azure-eastus"),
            Sample.Resumed("azure-eastus"),
            new ResidencyMismatch
            {
                Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = Guid.CreateVersion7(), Deployment = "azure-eastus", PolicyVersion = "sha256:4f1c",
                Claimed = ["us"], Reported = "swedencentral",
            },
            new ModelMismatch
            {
                Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = Guid.CreateVersion7(), Deployment = "azure-eastus", PolicyVersion = "sha256:4f1c",
                Expected = ["gpt-4o"], Reported = "gpt-4o-mini",
            },
            new HistoryExported { Id = Guid.CreateVersion7(), At = Sample.Noon, Reader = "auditor-1", Format = "ndjson", Query = "from=2026-04-28" },
            handOff,
            new HandOffDelivered { Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = handOff.RequestId, HandOff = handOff.Id, Posts = 2, HttpStatus = 204 },
            new HandOffDeadLettered { Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = handOff.RequestId, HandOff = handOff.Id, Posts = 10, Failure = "status_500" },
            Sample.HoldPlaced("case-117", from: Sample.Noon),
            Sample.HoldLifted("case-117"),
            new RetentionExecuted
            {
                Id = Guid.CreateVersion7(), At = Sample.Noon, Shard = "none", Epoch = 3, Count = 12, Root = "00", File = "none-00000003.ndjson", FileSha256 = "ff", Before = Sample.Noon, By = "o",
            },
            new ErasureExecuted { Id = Guid.CreateVersion7(), At = Sample.Noon, KeyId = "2025", Hashes = 7, First = Sample.Noon, Last = Sample.Noon, Reason = "Request 9", By = "o" },
            new KeyRotated { Id = Guid.CreateVersion7(), At = Sample.Noon, Purpose = KeyRotated.PromptHash, KeyId = "2026", PreviousKeyId = "2025", Node = "n" },
            new RollbackFound
            {
                Id = Guid.CreateVersion7(), At = Sample.Noon, Shard = "none", Epoch = 3, DatabaseSize = 4, DatabaseRoot = "00", CheckpointSize = 9, CheckpointRoot = "ff", Node = "n",
            },
            new HistoryExported { Id = Guid.CreateVersion7(), At = Sample.Noon, Reader = "auditor-1", Format = "ndjson", Query = "" },
        ];
        var types = typeof(AuditEvent).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(AuditEvent)) && !type.IsAbstract);
        Assert.Empty(types.Except(entries.Select(static entry => entry.GetType())));
        await using (var log = await OpenAsync("types"))
        {
            foreach (var entry in entries)
            {
                await log.AppendAsync(entry, CancellationToken.None);
            }
        }

        var events = await StoredLog.EventsAsync(_database, "types");
        Assert.Equal(entries.Select(CanonicalJson.TypeName), events.Select(static stored => stored.Type));
        Assert.Equal(entries.Select(CanonicalJson.Write), events.Select(static stored => stored.Bytes));
    }

    [Fact]
    public async Task AnyEvent_IsStoredAsItsCanonicalJson_ByteForByte()
    {
        await using var log = await OpenAsync("any");
        List<AuditEvent> appended = [];
        await AnyEvent.Generator.Array[1, 40].SampleAsync(
            async entries =>
            {
                await Task.WhenAll(entries.Select(entry => log.AppendAsync(entry, CancellationToken.None)));
                appended.AddRange(entries);
            },
            iter: 10,
            threads: 1);

        var stored = (await StoredLog.EventsAsync(_database, "any")).ToDictionary(static stored => stored.Id, static stored => stored.Bytes);
        Assert.Equal(appended.Count, stored.Count);
        Assert.All(appended, entry => Assert.Equal(CanonicalJson.Write(entry), stored[entry.Id]));
        await StoredLog.AssertConsistentAsync(_database, "any");
    }

    [Fact]
    public async Task OversizedEvent_IsRefusedBeforeAnythingIsQueued()
    {
        await using var log = await OpenAsync("oversized");
        var oversized = Sample.Permit() with { PlanReason = new string('x', CanonicalJson.MaxBytes) };

        await Assert.ThrowsAsync<ArgumentException>(() => log.AppendAsync(oversized, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => log.AppendOutcome(Sample.End(oversized.Id) with { ResponseModel = new string('x', CanonicalJson.MaxBytes) }));
        Assert.Empty(await StoredLog.EventsAsync(_database, "oversized"));
        Assert.True(log.IsWritable);
    }

    [Fact]
    public async Task IdUsedTwice_IsRefused_AndItsNeighboursInTheBatchAreRecorded()
    {
        await using var log = await OpenAsync("duplicates");
        var original = Sample.Permit();
        await log.AppendAsync(original, CancellationToken.None);

        var appends = Enumerable.Range(0, 20)
            .Select(i => log.AppendAsync(i == 7 ? Sample.Permit(original.Id) : Sample.Permit(), CancellationToken.None)).ToList();
        await Assert.ThrowsAsync<AuditUnavailableException>(() => appends[7]);
        appends.RemoveAt(7);
        await Task.WhenAll(appends);

        Assert.Equal(20, (await StoredLog.EventsAsync(_database, "duplicates")).Count);
        await StoredLog.AssertConsistentAsync(_database, "duplicates");
        Assert.True(log.IsWritable);
    }

    [Fact]
    public async Task Suspension_IsInEveryReceiptFromThenOn_OfEveryProcess_UntilItIsResumed()
    {
        await using var one = await OpenAsync("node-1");
        await using var other = await OpenAsync("node-2");
        Assert.False((await other.AppendAsync(Sample.Permit(), CancellationToken.None)).IsSuspended);

        await one.AppendAsync(Sample.Suspended("azure-eastus"), CancellationToken.None);
        var decided = Sample.Permit();
        Assert.True((await other.AppendAsync(decided, CancellationToken.None)).IsSuspended);
        Assert.False((await other.AppendAsync(Sample.Attempt(decided.Id, 2, "claude-bedrock-us"), CancellationToken.None)).IsSuspended);
        Assert.True((await other.AppendAsync(Sample.Attempt(decided.Id, 3, "azure-eastus"), CancellationToken.None)).IsSuspended);
        Assert.Equal(["azure-eastus"], other.Suspended);
        await using (var later = await OpenAsync("node-3"))
        {
            Assert.Equal(["azure-eastus"], later.Suspended);
        }

        await other.AppendAsync(Sample.Resumed("azure-eastus"), CancellationToken.None);
        Assert.False((await one.AppendAsync(Sample.Permit(), CancellationToken.None)).IsSuspended);
        Assert.Empty(one.Suspended);
    }

    [Fact]
    public async Task Suspensions_AreMadeAgainFromTheEvents_OfAllShardsInTheOrderOfTheirTimes()
    {
        await using (var one = await OpenAsync("shard-b"))
        await using (var other = await OpenAsync("shard-a"))
        {
            await one.AppendAsync(Sample.Suspended("azure-eastus"), CancellationToken.None);
            await one.AppendAsync(Sample.Suspended("local-llama"), CancellationToken.None);
            await other.AppendAsync(Sample.Resumed("azure-eastus") with { At = Sample.Noon.AddMinutes(1) }, CancellationToken.None);
        }

        await Sql.ExecuteAsync(_database, "INSERT INTO audit.suspension (deployment, at) VALUES ('never-suspended', now())");
        await using (var history = AuditHistory.Open(_database))
        {
            await history.RebuildIndexAsync(CancellationToken.None);
        }

        await using var log = await OpenAsync("shard-c");
        Assert.Equal(["local-llama"], log.Suspended);
    }

    [Fact]
    public async Task TextThatPostgresCannotHold_IsStoredInTheEvent_AndCleanedInTheIndex()
    {
        await using var log = await OpenAsync("odd-text");
        var odd = Sample.Permit() with { App = "a\0b\ud800c", FinalClasses = ["x\u001fy", "z"] };
        await log.AppendAsync(odd, CancellationToken.None);

        Assert.Equal(CanonicalJson.Write(odd), Assert.Single(await StoredLog.EventsAsync(_database, "odd-text")).Bytes);
        Assert.Equal("a\uFFFDb\uFFFDc x\uFFFDy,z", await Sql.ScalarAsync<string>(
            _database, $"SELECT app || ' ' || array_to_string(classes, ',') FROM audit.audit_request WHERE id = '{odd.Id}'"));
    }

    [Fact]
    public async Task Outcomes_AreCommittedByDispose()
    {
        var decided = Sample.Permit();
        await using (var log = await OpenAsync("outcomes"))
        {
            await log.AppendAsync(decided, CancellationToken.None);
            log.AppendOutcome(Sample.End(decided.Id));
        }

        Assert.Equal(["request_decided", "request_completed"], (await StoredLog.EventsAsync(_database, "outcomes")).Select(static stored => stored.Type));
    }

    [Fact]
    public async Task SecondWriterOfTheShard_FencesTheFirst_WhichRefusesEverythingFromThen()
    {
        await using var first = await OpenAsync("shared");
        await first.AppendAsync(Sample.Permit(), CancellationToken.None);
        await using var second = await OpenAsync("shared");

        await Assert.ThrowsAsync<AuditUnavailableException>(() => first.AppendAsync(Sample.Permit(), CancellationToken.None));
        await Assert.ThrowsAsync<AuditUnavailableException>(() => first.AppendAsync(Sample.Permit(), CancellationToken.None));
        Assert.False(first.IsWritable);
        first.AppendOutcome(Sample.End(Guid.CreateVersion7()));
        Assert.Equal(1, first.OutcomesLeftToReconciliation);

        await second.AppendAsync(Sample.Permit(), CancellationToken.None);
        Assert.Single(await StoredLog.EventsAsync(_database, "shared"));
        await StoredLog.AssertConsistentAsync(_database, "shared", epoch: 1);
        await StoredLog.AssertConsistentAsync(_database, "shared", epoch: 2);
    }

    [Fact]
    public async Task PermitWithoutAnEnd_IsClosedAsUnknownAtTheNextStart_AndNothingElseIs()
    {
        var ended = Sample.Permit();
        var lost = Sample.Permit();
        var refused = Sample.Deny();
        await using (var log = await OpenAsync("reopened"))
        {
            await log.AppendAsync(ended, CancellationToken.None);
            await log.AppendAsync(lost, CancellationToken.None);
            await log.AppendAsync(refused, CancellationToken.None);
            log.AppendOutcome(Sample.End(ended.Id));
        }

        await using (var other = await OpenAsync("another-shard"))
        {
            Assert.Empty(await StoredLog.EventsAsync(_database, "another-shard"));
        }

        await using (var again = await OpenAsync("reopened"))
        {
            Assert.True(again.IsWritable);
            var closed = Assert.Single(await StoredLog.EventsAsync(_database, "reopened", epoch: 2));
            var end = Assert.IsType<RequestCompleted>(CanonicalJsonReader.Read(closed.Bytes));
            Assert.Equal((lost.Id, "unknown"), (end.RequestId, end.Outcome));
        }

        await using (await OpenAsync("reopened"))
        {
            Assert.Empty(await StoredLog.EventsAsync(_database, "reopened", epoch: 3));
        }
    }

    [Fact]
    public async Task HandOffWithoutAnEnd_IsClosedAsUnknownAtTheNextStart_AndNothingElseIs()
    {
        var request = Sample.Permit();
        var (delivered, dead, lost) = (Sample.HandOff(request.Id), Sample.HandOff(request.Id), Sample.HandOff(request.Id));
        await using (var log = await OpenAsync("hand-off"))
        {
            await log.AppendAsync(request, CancellationToken.None);
            var receipt = await log.AppendAsync(lost, CancellationToken.None);
            Assert.Equal((request.Id, lost.Id, lost.SentHash, lost.PolicyVersion), (receipt.RequestId, receipt.EventId, receipt.SentHash, receipt.PolicyVersion));
            Assert.Null(receipt.AuthorizedDeployment);
            await log.AppendAsync(delivered, CancellationToken.None);
            await log.AppendAsync(dead, CancellationToken.None);
            log.AppendFinding(new HandOffDelivered { Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = request.Id, HandOff = delivered.Id, Posts = 1, HttpStatus = 202 }, request.Id);
            log.AppendFinding(new HandOffDeadLettered { Id = Guid.CreateVersion7(), At = Sample.Noon, RequestId = request.Id, HandOff = dead.Id, Posts = 10, Failure = "status_500" }, request.Id);
            log.AppendOutcome(Sample.End(request.Id, "handed-off", deployment: null));
        }

        await using (await OpenAsync("another-hand-off-shard"))
        {
            Assert.Empty(await StoredLog.EventsAsync(_database, "another-hand-off-shard"));
        }

        await using (await OpenAsync("hand-off"))
        {
            var closed = Assert.Single(await StoredLog.EventsAsync(_database, "hand-off", epoch: 2));
            var end = Assert.IsType<HandOffDeadLettered>(CanonicalJsonReader.Read(closed.Bytes));
            Assert.Equal((request.Id, lost.Id, "unknown"), (end.RequestId, end.HandOff, end.Failure));
        }

        await using (await OpenAsync("hand-off"))
        {
            Assert.Empty(await StoredLog.EventsAsync(_database, "hand-off", epoch: 3));
        }

        await using var history = AuditHistory.Open(_database);
        var types = (await history.EventsOfAsync(request.Id, CancellationToken.None)).Select(static recorded => recorded.Type).ToList();
        Assert.Equal(3, types.Count(static type => type == EventTypes.HandOffAuthorized));
        Assert.Equal(2, types.Count(static type => type == EventTypes.HandOffDeadLettered));

        // The list of the open ones can be made again from the events.
        await Sql.ExecuteAsync(_database, $"UPDATE audit.hand_off SET is_ended = false WHERE request = '{request.Id}'");
        await history.RebuildIndexAsync(CancellationToken.None);
        Assert.Equal(0L, await Sql.ScalarAsync<long>(_database, $"SELECT count(*) FROM audit.hand_off WHERE request = '{request.Id}' AND NOT is_ended"));
    }

    [Theory]
    [InlineData("synchronous_commit", "off")]
    [InlineData("synchronous_commit", "local")]
    public async Task DatabaseThatLosesCommits_IsRefusedAtStart(string setting, string value)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, $"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {setting} = {value}', current_database()); END $$");

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync("unsafe", database));
        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AbsentDatabase_IsRefusedAtStart() =>
        await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync("absent", "Host=127.0.0.1;Port=1;Username=nobody;Database=none"));

    [Fact]
    public async Task ServerInAnotherTimeZone_StampsInUtc_BecauseTheSessionIs()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await Sql.ExecuteAsync(
            database, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$");
        await using var log = await OpenAsync("tokyo", database);
        await log.AppendAsync(Sample.Permit(), CancellationToken.None);
        await log.AppendAsync(Sample.Permit(), CancellationToken.None);

        Assert.True(await Sql.ScalarAsync<bool>(database, "SELECT bool_and(abs(extract(epoch FROM now() - timestamp)) < 600) FROM audit.mt_events"));
    }

    private Task<AuditLog> OpenAsync(string shard, string? database = null) => AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = database ?? _database, Shard = shard, Deadline = TimeSpan.FromSeconds(20) },
        TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
}
