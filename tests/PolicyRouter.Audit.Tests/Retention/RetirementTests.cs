using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Tests.Projecting;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Retention;

/// <summary>Old epochs leave the database for archives, and nothing that was recorded can disappear that way.</summary>
public sealed class RetirementTests : IAsyncLifetime
{
    private const int Events = 24;
    private const string Shard = "gateway";

    private readonly SealedLog _log = new(Shard);
    private readonly string _archives = TestFolder.Create("archives");

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(1);

    public async Task InitializeAsync()
    {
        await _log.CreateAsync(Events);
        await _log.RecordAsync(5);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_archives, recursive: true);
        return _log.CleanAsync();
    }

    [Fact]
    public async Task RetiredEpoch_IsGoneFromTheTables_VerifiesByItsArchive_AndTheRestGoesOn()
    {
        var retired = Assert.Single(await RetireAsync());

        Assert.Equal((Shard, 1L, (long)Events, "gateway-00000001.ndjson"), (retired.Shard, retired.Epoch, retired.Count, retired.File));
        Assert.Empty(await StoredLog.EventsAsync(_log.Database, Shard));
        Assert.Equal(0, await CountAsync("audit.tlog_batch WHERE shard = 'gateway' AND epoch = 1"));
        Assert.Equal(5, await CountAsync("audit.audit_request"));

        await _log.RecordAsync(2);
        var report = await VerifyAsync(archives: true);
        Assert.Empty(report.Faults);
        Assert.Equal((Events, 0L, true), (report.Logs.Single(static log => log is { Shard: Shard, Epoch: 1 }).First, report.Logs.Single(static log => log is { Shard: Shard, Epoch: 1 }).Entries, report.Logs.Single(static log => log is { Shard: Shard, Epoch: 1 }).IsRetired));
        Assert.True((await VerifyAsync(archives: false)).Verifies);

        await using var archive = File.OpenRead(Path.Combine(_archives, retired.File));
        var offline = await new LogVerifier([_log.Signer.Key], CheckpointFolder.ReadAll(_log.Checkpoints)).VerifyExportAsync(archive, CancellationToken.None);
        Assert.Empty(offline.Faults);
        Assert.Equal((Events, 0L), (offline.Entries, offline.Uncovered));
    }

    [Fact]
    public async Task RetiringTwice_FindsNothing_AndTheRecordOfIt_Stays()
    {
        await RetireAsync();
        await using (await _log.OpenAsync("tool"))
        {
        }

        // Epoch 2 is open, and what the tool's shard says about epoch 1 is needed.
        var left = Assert.Single(await FindAsync());
        Assert.Equal("tool", left.Shard);
        Assert.Contains("retired before", left.Obstacle, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RetirementRefusedException>(() => RetireAsync());
    }

    [Fact]
    public async Task GatewayWhoseOldEpochsAreRetired_ComesUp_AlsoWhenItsLastCheckpointThereWasOlder()
    {
        await RetireAsync();
        await using (await _log.OpenAsync())
        {
        }

        var file = Assert.Single(Directory.GetFiles(Path.Combine(_log.Checkpoints, Shard), "00000001.*.checkpoints"));
        var notes = CheckpointFolder.ReadAll(file);
        Assert.True(notes[0].Size < Events);
        await File.WriteAllTextAsync(file, notes[0].Note + "\n");
        await using (await _log.OpenAsync())
        {
        }

        Assert.Empty((await VerifyAsync(archives: true)).Faults);
    }

    [Fact]
    public async Task EpochThatNobodyClosed_CountsAsFinishedAfterAFurtherYear()
    {
        await AppendAsync(Sample.Suspended("azure-eastus"), "cli-1");
        await AppendAsync(Sample.Resumed("azure-eastus"), "cli-2");
        Assert.Equal([Shard], (await FindAsync()).Select(static epoch => epoch.Shard));

        var found = await FindAsync(Later.AddYears(1));
        Assert.Equal([("cli-1", 1L), ("cli-2", 1L), (Shard, 1L), (Shard, 2L)], found.Select(static epoch => (epoch.Shard, epoch.Epoch)));
        await using (var alive = await _log.OpenAsync("cli-3"))
        {
            await alive.AppendAsync(SealedLog.Event(1), CancellationToken.None);
            found = await FindAsync(Later.AddYears(1));
            await using var log = await _log.OpenAsync("tool");
            foreach (var epoch in found.Where(static epoch => epoch.Shard != Shard))
            {
                await Retirement().RetireAsync(epoch, _archives, log, Later, "operator-1", TimeProvider.System, CancellationToken.None);
            }

            // The control: a process that is alive all the same cannot write to it any more.
            await Assert.ThrowsAsync<AuditUnavailableException>(() => alive.AppendAsync(SealedLog.Event(1), CancellationToken.None));
        }

        await using var again = await _log.OpenAsync("cli-1");
        await again.AppendAsync(SealedLog.Event(1), CancellationToken.None);
        Assert.Equal(3, (await _log.VerifyAsync()).Logs.Count(static log => log.IsRetired));
    }

    [Theory]
    [InlineData("nothing says so", "DELETE FROM audit.mt_events WHERE type = 'retention_executed'")]
    [InlineData("another size", "UPDATE audit.tlog_head SET size = 25 WHERE epoch = 1 AND shard = 'gateway'")]
    [InlineData("another root", "UPDATE audit.tlog_head SET root = sha256('') WHERE epoch = 1 AND shard = 'gateway'")]
    [InlineData("another tree", "UPDATE audit.tlog_head SET stack = sha256('') WHERE epoch = 1 AND shard = 'gateway'")]
    [InlineData("no head", "DELETE FROM audit.tlog_head WHERE epoch = 1 AND shard = 'gateway'")]
    [InlineData("the mark is gone", "UPDATE audit.tlog_head SET retired_at = NULL WHERE epoch = 1 AND shard = 'gateway'")]
    [InlineData("an event came back", "INSERT INTO audit.mt_streams (id, version) SELECT stream_id, 1 FROM audit.tlog_head WHERE epoch = 1 AND shard = 'gateway'; UPDATE audit.mt_events SET stream_id = (SELECT stream_id FROM audit.tlog_head WHERE epoch = 1 AND shard = 'gateway') WHERE type = 'retention_executed'")]
    public async Task RetiredEpochThatIsNotAsRecorded_IsAFault(string what, string sql)
    {
        await RetireAsync();
        await Sql.ExecuteAsync(_log.Database, sql);
        Assert.False((await VerifyAsync(archives: false)).Verifies, what);
    }

    [Fact]
    public async Task EpochThatSomebodyRemoved_AndMarkedAsRetired_IsAFault()
    {
        await Sql.ExecuteAsync(
            _log.Database,
            $"""
            DELETE FROM audit.mt_events WHERE stream_id = (SELECT stream_id FROM audit.tlog_head WHERE epoch = 1);
            DELETE FROM audit.mt_streams WHERE id = (SELECT stream_id FROM audit.tlog_head WHERE epoch = 1);
            DELETE FROM audit.tlog_batch WHERE epoch = 1;
            UPDATE audit.tlog_head SET retired_at = now() WHERE epoch = 1;
            """);

        var fault = Assert.Single((await VerifyAsync(archives: false)).Faults);
        Assert.Equal((Shard, 1L), (fault.Shard, fault.Epoch));
        Assert.Contains("no event says that the log was retired", fault.What, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task EpochThatSomebodyRetiredWithoutTheSigningKey_IsAFault_UnlessItsArchiveVerifies()
    {
        // What a role may do that writes to the database: the event in a log of its own, which removes the epoch as any retirement does.
        Directory.CreateDirectory(_archives);
        var epoch = Assert.Single(await FindAsync());
        AuditLogOptions withoutKey = new() { ConnectionString = _log.Database, Shard = "cli-host-1", CreatesSchema = false, Deadline = TimeSpan.FromSeconds(20) };
        await using (var unsigned = await AuditLog.OpenAsync(withoutKey, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
        {
            await Retirement().RetireAsync(epoch, _archives, unsigned, Later, "nobody", TimeProvider.System, CancellationToken.None);
        }

        var fault = Assert.Single((await VerifyAsync(archives: false)).Faults);
        Assert.Equal((Shard, 1L, (long?)0), (fault.Shard, fault.Epoch, fault.Index));
        Assert.Contains("no signed checkpoint covers the event", fault.What, StringComparison.Ordinal);
        Assert.Contains((await VerifyAsync(await ExportAsync())).Faults, static fault => fault is { Shard: Shard, Epoch: 1 } && fault.What.Contains("no signed checkpoint covers", StringComparison.Ordinal));
        Assert.Empty((await VerifyAsync(archives: true)).Faults);
        var sample = await Exporting.SampleVerifier.RunAsync([.. await ExportAsync()], _log);
        Assert.Contains("no covered event says that the log was retired", sample.Output, StringComparison.Ordinal);

        File.Delete(Path.Combine(_archives, epoch.ArchiveName));
        Assert.False((await VerifyAsync(archives: true)).Verifies);
    }

    [Fact]
    public async Task ArchiveThatWasAlteredOrLost_IsAFault()
    {
        var file = Path.Combine(_archives, Assert.Single(await RetireAsync()).File);
        var whole = await File.ReadAllTextAsync(file);

        await File.WriteAllTextAsync(file, whole.Replace("discharge-letters", "discharge-lexters", StringComparison.Ordinal));
        var fault = Assert.Single((await VerifyAsync(archives: true)).Faults);
        Assert.Equal((Shard, 1L, (long?)0), (fault.Shard, fault.Epoch, fault.Index));

        await File.WriteAllTextAsync(file, whole.Replace("\"sha256\":\"", "\"sha256\": \"", StringComparison.Ordinal));
        Assert.Contains("SHA-256 is another", Assert.Single((await VerifyAsync(archives: true)).Faults).What, StringComparison.Ordinal);

        File.Delete(file);
        Assert.Contains("not in the folder", Assert.Single((await VerifyAsync(archives: true)).Faults).What, StringComparison.Ordinal);
        Assert.True((await VerifyAsync(archives: false)).Verifies);
    }

    [Fact]
    public async Task DamagedEpoch_IsNotRetired()
    {
        await Tampering.FlipByteAsync(_log.Database, Shard, 7);

        var refusal = await Assert.ThrowsAsync<RetirementRefusedException>(() => RetireAsync());

        Assert.Contains("at index 7", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Events, (await StoredLog.EventsAsync(_log.Database, Shard)).Count);
        Assert.Empty(Directory.GetFiles(_archives));
    }

    [Fact]
    public async Task EpochThatIsYoungerThanAskedFor_OrOpen_IsNotFound()
    {
        Assert.Empty(await Retirement().FindAsync(TimeProvider.System.GetUtcNow().AddHours(-1), CancellationToken.None));
        Assert.Equal([1L], (await FindAsync()).Select(static epoch => epoch.Epoch));
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(-30, 30, null, true)]
    [InlineData(-30, 30, "discharge-letters", true)]
    [InlineData(-30, 30, "another-app", false)]
    [InlineData(2, null, null, false)]
    [InlineData(null, -2, null, false)]
    public async Task LegalHold_BlocksWhatItCovers_UntilItIsLifted(int? fromDays, int? toDays, string? app, bool blocks)
    {
        var now = TimeProvider.System.GetUtcNow();
        await AppendAsync(Sample.HoldPlaced("case-117", fromDays is { } from ? now.AddDays(from) : null, toDays is { } to ? now.AddDays(to) : null, app is null ? [] : [app]) with { At = now });

        var epoch = (await FindAsync()).First(static epoch => epoch.Shard == Shard);
        Assert.Equal(blocks, epoch.Obstacle?.Contains("legal hold `case-117`", StringComparison.Ordinal) is true);

        // What the queries read can be made again from the events.
        await using (var history = AuditHistory.Open(_log.Database))
        {
            await history.RebuildIndexAsync(CancellationToken.None);
        }

        var hold = Assert.Single(await LegalHoldList.ReadAsync(_log.Database, CancellationToken.None));
        Assert.Equal(("case-117", "Case 2026-117", "legal-1", app is null ? 0 : 1), (hold.Name, hold.Reason, hold.By, hold.Apps.Count));
        await AppendAsync(Sample.HoldLifted("case-117") with { At = now });
        Assert.Empty(await LegalHoldList.ReadAsync(_log.Database, CancellationToken.None));
        Assert.Null((await FindAsync()).First(static epoch => epoch.Shard == Shard).Obstacle);
    }

    [Fact]
    public async Task EpochThatHoldsWhatIsInForce_Stays()
    {
        var now = TimeProvider.System.GetUtcNow();
        await AppendAsync(Sample.HoldPlaced("case-9", now.AddDays(-900), now.AddDays(-800)) with { At = now });
        await AppendAsync(Sample.Suspended("azure-eastus") with { At = now });
        await using (await _log.OpenAsync("tool"))
        {
        }

        var found = (await FindAsync()).Where(static epoch => epoch.Shard == "tool").ToList();
        Assert.Contains("was placed in it", found[0].Obstacle, StringComparison.Ordinal);
        Assert.Contains("`azure-eastus` may have been suspended in it", found[1].Obstacle, StringComparison.Ordinal);

        await AppendAsync(Sample.Resumed("azure-eastus") with { At = now });
        await AppendAsync(Sample.HoldLifted("case-9") with { At = now });
        Assert.All(await FindAsync(), static epoch => Assert.Null(epoch.Obstacle));
    }

    [Fact]
    public async Task EpochWhosePolicyWasInForceInALaterOne_StaysWithIt()
    {
        var now = TimeProvider.System.GetUtcNow();
        PolicyActivated activated = new() { Id = Guid.CreateVersion7(now), At = now, PolicyVersion = "sha256:aaaa", PreviousVersion = null, Node = "n" };
        await AppendAsync(activated, "months");
        await AppendAsync(Sample.Deny() with { At = now }, "months");
        await AppendAsync(activated with { Id = Guid.CreateVersion7(now) }, "restarts");
        await AppendAsync(activated with { Id = Guid.CreateVersion7(now) }, "restarts");
        await AppendAsync(Sample.Deny() with { At = now }, "restarts");

        var found = (await FindAsync()).ToLookup(static epoch => epoch.Shard, static epoch => epoch.Obstacle);

        Assert.Contains("policy that was activated in it", Assert.Single(found["months"]), StringComparison.Ordinal);
        Assert.Equal(2, found["restarts"].Count());
        Assert.Null(found["restarts"].First());
    }

    [Fact]
    public async Task RequestThatEndedInALaterEpoch_LeavesNoTrailIntoNothing()
    {
        var now = TimeProvider.System.GetUtcNow();
        var permit = Sample.Permit(at: now) with { App = "nul\0 app" };
        await AppendAsync(permit, Shard);
        await AppendAsync(Sample.End(permit.Id) with { At = now }, Shard);
        await _log.RecordAsync(1);

        Assert.Equal(4, (await RetireAsync()).Count);
        await using var history = AuditHistory.Open(_log.Database);
        Assert.Single((await history.QueryAsync(new HistoryQuery(), CancellationToken.None)).Decisions);
        Assert.Empty((await VerifyAsync(archives: true)).Faults);
        await history.RebuildIndexAsync(CancellationToken.None);
        Assert.Single((await history.QueryAsync(new HistoryQuery(), CancellationToken.None)).Decisions);
    }

    [SkippableFact]
    public async Task ArchiveAndWhatIsLeft_Verify_WithNoneOfTheProductsCode()
    {
        var retired = Assert.Single(await RetireAsync());
        var kept = Directory.GetFiles(_log.Checkpoints, "*", SearchOption.AllDirectories);

        var archive = await Exporting.SampleVerifier.RunAsync(await File.ReadAllLinesAsync(Path.Combine(_archives, retired.File)), _log, kept);
        Assert.True(archive.ExitCode == 0, archive.Output);
        Assert.Contains($"{Events} entries in 1 logs, 0 of them covered by no signed checkpoint: verified", archive.Output, StringComparison.Ordinal);
        var left = await Exporting.SampleVerifier.RunAsync([.. await ExportAsync()], _log, kept);
        Assert.True(left.ExitCode == 0, left.Output);
    }

    [Fact]
    public async Task ExportOfEverything_SaysWhatWasRetired_AndCannotLeaveOutMore()
    {
        await RetireAsync();
        var lines = await ExportAsync();
        Assert.Empty((await VerifyAsync(lines)).Faults);

        // The beginning of a log that was not retired, left out by somebody who makes the file fit.
        var log = lines.FindIndex(static line => line.StartsWith("{\"log\":{\"shard\":\"gateway\",\"epoch\":2", StringComparison.Ordinal));
        var events = await StoredLog.EventsAsync(_log.Database, Shard, 2);
        MerkleStack tree = new();
        events.ForEach(entry => tree.Append(TreeHash.Leaf(entry.Bytes)));
        var left = string.Join(',', tree.ToBytes().ToArray().Chunk(32).Select(static hash => $"\"{Convert.ToBase64String(hash)}\""));
        lines[log] = lines[log].Replace("\"first\":0,", "\"first\":5,", StringComparison.Ordinal).Replace("\"left\":[]", $"\"left\":[{left}]", StringComparison.Ordinal);
        lines.RemoveRange(log + 1, 6);
        Assert.Contains((await VerifyAsync(lines)).Faults, static fault => fault is { Shard: Shard, Epoch: 2, Index: 0 } && fault.What.Contains("no event says", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RoleOfAGateway_MayNotDelete()
    {
        await Sql.ExecuteAsync(_log.Database, GatewayRole("gateway_role"));
        NpgsqlConnectionStringBuilder role = new(_log.Database) { Username = "gateway_role", Password = "of-the-test" };
        Assert.True(await Retirement().MayDeleteAsync(CancellationToken.None));
        Assert.False(await new EpochRetirement(role.ConnectionString, [_log.Signer.Key], []).MayDeleteAsync(CancellationToken.None));

        // It can do all that a gateway does.
        await using (var log = await Appending.Opened.WithoutSchemaAsync(role.ConnectionString, "gateway-of-the-role"))
        {
            await log.AppendAsync(Sample.Permit(), CancellationToken.None);
            await log.AppendAsync(Sample.Suspended("azure-eastus"), CancellationToken.None);
            await log.AppendAsync(Sample.Resumed("azure-eastus"), CancellationToken.None);
            Assert.True(await log.PublishCheckpointAsync(CancellationToken.None));
        }

        // Keeping the sums included.
        await using (await AuditProjections.StartAsync(role.ConnectionString, "gateway-of-the-role", TimeProvider.System, NullLoggerFactory.Instance))
        {
            await Sums.CaughtUpAsync(_log.Database);
            await Sums.AssertExactAsync(_log.Database);
        }

        foreach (var sql in (string[])["DELETE FROM audit.mt_events", "UPDATE audit.mt_events SET is_archived = true", "TRUNCATE audit.mt_events", "DELETE FROM audit.tlog_batch", "DELETE FROM audit.tlog_head"])
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => Sql.ExecuteAsync(role.ConnectionString, sql))).SqlState);
        }
    }

    /// <summary>The statements of docs/audit.md for the role of gateways, for a role that is made first.</summary>
    private static string GatewayRole(string name)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "audit.md"));
        var begin = page.IndexOf("GRANT USAGE ON SCHEMA audit TO gateway;", StringComparison.Ordinal);
        var grants = page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)];
        return $"DROP ROLE IF EXISTS {name}; CREATE ROLE {name} LOGIN PASSWORD 'of-the-test';\n{grants.Replace(" TO gateway", $" TO {name}", StringComparison.Ordinal)}";
    }

    private EpochRetirement Retirement() => new(_log.Database, [_log.Signer.Key], CheckpointFolder.ReadAll(_log.Checkpoints));

    private async Task<IReadOnlyList<FinishedEpoch>> FindAsync(DateTimeOffset? before = null)
    {
        await Sums.SetCountedAsync(_log.Database);
        return await Retirement().FindAsync(before ?? Later, CancellationToken.None);
    }

    private async Task<List<RetentionExecuted>> RetireAsync()
    {
        var epochs = await FindAsync();
        await using var log = await _log.OpenAsync("tool");
        List<RetentionExecuted> retired = [];
        foreach (var epoch in epochs)
        {
            retired.Add(await Retirement().RetireAsync(epoch, _archives, log, Later, "operator-1", TimeProvider.System, CancellationToken.None));
        }

        return retired;
    }

    private async Task AppendAsync(AuditEvent entry, string shard = "tool")
    {
        await using var log = await _log.OpenAsync(shard);
        await log.AppendAsync(entry, CancellationToken.None);
    }

    private Task<VerificationReport> VerifyAsync(bool archives) => _log.VerifyAsync(roots: _log.Checkpoints, archives: archives ? _archives : null);

    private Task<VerificationReport> VerifyAsync(List<string> export) => new LogVerifier([_log.Signer.Key], CheckpointFolder.ReadAll(_log.Checkpoints)).VerifyExportAsync(
        new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', export) + "\n")), CancellationToken.None);

    private async Task<List<string>> ExportAsync()
    {
        using MemoryStream output = new();
        await HistoryExport.WriteAsync(_log.Database, ExportFormat.Ndjson, null, null, TimeProvider.System.GetUtcNow(), output, null, CancellationToken.None);
        return [.. System.Text.Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n')];
    }

    private Task<long> CountAsync(string from) => Sql.ScalarAsync<long>(_log.Database, $"SELECT count(*) FROM {from}");
}
