using System.Text;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Verifying;

/// <summary>What a superuser can do to the log, on a real PostgreSQL: each is found, and the first entry that is not as it was is named.</summary>
public sealed class DatabaseAttackTests : IAsyncLifetime
{
    private const int Events = 40;
    private const string Shard = "gateway";

    private readonly SealedLog _log = new(Shard);

    public Task InitializeAsync() => _log.CreateAsync(Events);

    public Task DisposeAsync() => _log.CleanAsync();

    [Fact]
    public async Task UntouchedLog_Verifies_AndIsCoveredByCheckpoints()
    {
        await _log.RecordAsync(3);

        var report = await _log.VerifyAsync();

        Assert.Empty(report.Faults);
        Assert.True(report.Verifies);
        Assert.Equal([(1L, (long)Events, (long?)Events), (2L, 3L, 3L)], report.Logs.Select(static log => (log.Epoch, log.Entries, log.Covered)));
        Assert.Equal(0, report.Uncovered);
    }

    [Fact]
    public async Task OneByteOfOneEvent_IsFound()
    {
        await Tampering.FlipByteAsync(_log.Database, Shard, 17);
        await FoundAsync(17, "altered");
    }

    [Fact]
    public async Task EveryByteOfAnEvent_IsHeldByTheTree()
    {
        var size = (await StoredLog.EventsAsync(_log.Database, Shard))[5].Bytes.Length;
        foreach (var position in Enumerable.Range(0, size).Where(static position => position % 97 == 0))
        {
            await Tampering.SetAsync(_log.Database, Shard, 5, $"bdata = set_byte(bdata, {position}, get_byte(bdata, {position}) # 1)");
            Assert.Equal(5, Assert.Single((await _log.VerifyAsync()).Faults).Index);
            await Tampering.SetAsync(_log.Database, Shard, 5, $"bdata = set_byte(bdata, {position}, get_byte(bdata, {position}) # 1)");
        }

        Assert.True((await _log.VerifyAsync()).Verifies);
    }

    [Fact]
    public async Task EmptiedEvent_IsFound()
    {
        await Tampering.SetAsync(_log.Database, Shard, 9, "bdata = NULL");
        await FoundAsync(9, "altered", named: false);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(Events - 1)]
    public async Task DeletedEvent_IsFound(int index)
    {
        await Tampering.DeleteAsync(_log.Database, Shard, index);
        await FoundAsync(index, "missing", named: false);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task DeletedEventWhoseGapWasClosed_IsFound(int index)
    {
        await Tampering.DeleteAndRenumberAsync(_log.Database, Shard, index);
        await FoundAsync(index, "missing", named: false);
    }

    [Theory]
    [InlineData(4, 5)]
    [InlineData(4, 30)]
    public async Task SwappedEvents_AreFound(int one, int other)
    {
        await Tampering.SwapAsync(_log.Database, Shard, one, other);
        await FoundAsync(one, $"stood at index {other}", named: false);
    }

    [Fact]
    public async Task DuplicatedEvent_IsFound()
    {
        await Tampering.DuplicateAsync(_log.Database, Shard, 11);
        await FoundAsync(12, "inserted", named: false);
    }

    [Fact]
    public async Task InsertedEvent_IsFound()
    {
        var forged = Convert.ToHexString(CanonicalJson.Write(Sample.Permit(at: DateTimeOffset.UnixEpoch)));
        await Tampering.InsertAsync(_log.Database, Shard, 11, $"SELECT decode('{forged}', 'hex')");
        await FoundAsync(11, "inserted", named: false);
    }

    [Fact]
    public async Task EventBehindTheEnd_IsFound()
    {
        await Tampering.InsertAsync(_log.Database, Shard, Events, "SELECT '{}'::bytea");
        await FoundAsync(Events, "inserted", named: false);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    [InlineData(1_000_000)]
    public async Task EventOutsideOfTheLog_InItsOwnStream_IsFound_AndShownToNobody(long version)
    {
        var forged = Sample.Permit(at: DateTimeOffset.UnixEpoch);
        await Tampering.InsertAsync(_log.Database, Shard, Events, $"SELECT decode('{Convert.ToHexString(CanonicalJson.Write(forged))}', 'hex')");
        var shown = await Sql.ScalarAsync<Guid>(_log.Database, "SELECT id FROM audit.audit_request ORDER BY id LIMIT 1");
        await Sql.ExecuteAsync(
            _log.Database,
            $"""
            UPDATE audit.audit_request SET event_ids = event_ids || (SELECT id FROM audit.mt_events WHERE version = {Events + 1}) WHERE id = '{shown}';
            UPDATE audit.mt_streams SET version = {Events} WHERE version = {Events + 1};
            UPDATE audit.mt_events SET version = {version} WHERE version = {Events + 1};
            """);

        await FoundAsync(version - 1, "inserted", named: false);
        await using var history = AuditHistory.Open(_log.Database);
        Assert.DoesNotContain(await history.EventsOfAsync(shown, CancellationToken.None), recorded => Encoding.UTF8.GetString(recorded.CanonicalJson.Span).Contains(forged.Id.ToString(), StringComparison.Ordinal));
        await history.RebuildIndexAsync(CancellationToken.None);
        Assert.Empty(await history.EventsOfAsync(forged.Id, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", type = 'tombstone'")]
    public async Task EventInAStreamOfItsOwn_IsFound_WhateverItCallsItself(string type)
    {
        await Tampering.InsertAsync(_log.Database, Shard, Events, "SELECT '{}'::bytea");
        await Sql.ExecuteAsync(
            _log.Database,
            $"""
            INSERT INTO audit.mt_streams (id, version) VALUES ('11111111-1111-1111-1111-111111111111', 1);
            UPDATE audit.mt_events SET stream_id = '11111111-1111-1111-1111-111111111111', version = 1{type} WHERE version = {Events + 1};
            UPDATE audit.mt_streams SET version = {Events} WHERE version = {Events + 1};
            """);

        Assert.Contains("in no log", Assert.Single((await _log.VerifyAsync()).Faults).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("timestamp = timestamp - interval '1 hour'", "timestamp")]
    [InlineData("timestamp = timestamp + interval '1 minute'", "timestamp")]
    [InlineData("type = 'history_read'", "type")]
    [InlineData("is_archived = true", "is_archived")]
    [InlineData("id = gen_random_uuid()", "id")]
    [InlineData("tenant_id = 'other'", "tenant_id")]
    [InlineData("data = '{\"a\":1}'", "data")]
    [InlineData("seq_id = -1", "seq_id")]
    public async Task EditedColumn_IsFound(string assignment, string column)
    {
        await Tampering.SetAsync(_log.Database, Shard, 23, assignment);
        await FoundAsync(23, $"`{column}`");
    }

    [Fact]
    public async Task EditedLeafHash_IsFound()
    {
        await Sql.ExecuteAsync(_log.Database, "UPDATE audit.tlog_batch SET leaf_hashes = set_byte(leaf_hashes, 3, get_byte(leaf_hashes, 3) # 1) WHERE first = 0");
        await FoundAsync(0, "altered");
    }

    [Theory]
    [InlineData("DELETE FROM audit.tlog_batch WHERE first = (SELECT max(first) FROM audit.tlog_batch)")]
    [InlineData("DELETE FROM audit.tlog_batch WHERE first = 0")]
    [InlineData("UPDATE audit.tlog_head SET root = sha256('')")]
    [InlineData("UPDATE audit.tlog_head SET stack = sha256('')")]
    [InlineData("UPDATE audit.tlog_head SET size = size - 1")]
    [InlineData("UPDATE audit.tlog_head SET size = size + 1")]
    [InlineData("UPDATE audit.tlog_head SET stream_id = gen_random_uuid()")]
    [InlineData("UPDATE audit.mt_streams SET version = version + 1")]
    [InlineData("UPDATE audit.mt_streams SET is_archived = true")]
    [InlineData("DELETE FROM audit.tlog_head")]
    [InlineData("UPDATE audit.tlog_head SET epoch = 2")]
    [InlineData("UPDATE audit.tlog_checkpoint SET note = 'x'")]
    [InlineData("UPDATE audit.tlog_checkpoint SET note = replace(note, '40', '41')")]
    public async Task EditOfTheLogsOwnTables_IsFound(string sql)
    {
        await Sql.ExecuteAsync(_log.Database, sql);
        Assert.False((await _log.VerifyAsync()).Verifies);
    }

    [Fact]
    public async Task TailThatWasCutConsistently_IsFoundByAKeptCheckpoint()
    {
        await Tampering.CutTailAsync(_log.Database, Shard, 2);

        var fault = Assert.Single((await _log.VerifyAsync()).Faults);
        Assert.Equal((Shard, 1L, (long?)(Events - 2)), (fault.Shard, fault.Epoch, fault.Index));
        Assert.Contains("tail was cut", fault.What, StringComparison.Ordinal);

        // The control: without one, nobody can know.
        Assert.True((await _log.VerifyAsync(withKept: false)).Verifies);
    }

    [Fact]
    public async Task RowThatWasRewrittenWithAllHashes_IsFoundByAKeptCheckpoint()
    {
        await Tampering.RewriteConsistentlyAsync(_log.Database, Shard, 33);

        var fault = Assert.Single((await _log.VerifyAsync()).Faults);
        Assert.Contains("not those that a signed checkpoint covers", fault.What, StringComparison.Ordinal);
        Assert.True((await _log.VerifyAsync(withKept: false)).Verifies);
    }

    [Fact]
    public async Task OlderDumpThatWasRestored_IsFoundByAKeptCheckpoint()
    {
        var older = await StoredLog.CopyAsync(_log.Database);
        await _log.RecordAsync(5);

        Assert.True((await _log.VerifyAsync()).Verifies);
        var fault = Assert.Single((await _log.VerifyAsync(older)).Faults);
        Assert.Equal((Shard, 2L), (fault.Shard, fault.Epoch));
        Assert.Contains("older backup", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoHistoriesOfOneLog_AreFoundInEither_ByTheCheckpointsOfTheOther()
    {
        var other = await StoredLog.CopyAsync(_log.Database);
        await _log.RecordAsync(5);
        await using (var log = await _log.OpenAsync(folder: _log.Checkpoints + "-other", database: other))
        {
            for (var i = 0; i < 5; i++)
            {
                await log.AppendAsync(SealedLog.Event(i), CancellationToken.None);
            }
        }

        // Each by itself is whole, and its own checkpoints agree.
        var (mine, others) = (CheckpointFolder.ReadAll(_log.Checkpoints), CheckpointFolder.ReadAll(_log.Checkpoints + "-other"));
        Directory.Delete(_log.Checkpoints + "-other", recursive: true);
        foreach (var (database, own, foreign) in (IEnumerable<(string, IReadOnlyList<SignedCheckpoint>, IReadOnlyList<SignedCheckpoint>)>)[(_log.Database, mine, others), (other, others, mine)])
        {
            Assert.True((await new LogVerifier([_log.Signer.Key], own).VerifyDatabaseAsync(database, CancellationToken.None)).Verifies);
            var fault = Assert.Single((await new LogVerifier([_log.Signer.Key], foreign).VerifyDatabaseAsync(database, CancellationToken.None)).Faults);
            Assert.Equal((Shard, 2L), (fault.Shard, fault.Epoch));
        }
    }

    /// <summary>Whatever columns the log's tables have or get: each is held by the verification, or is named here as one that proves nothing.</summary>
    [Fact]
    public async Task EveryColumnOfTheLogsTables_IsHeld_WhateverIsWrittenThere()
    {
        // What Marten keeps for itself, when a log was opened and closed, how often its writer had to connect again, and a number that the hashes themselves have.
        string[] provesNothing =
        [
            "mt_events.mt_dotnet_type", "mt_streams.type", "mt_streams.timestamp", "mt_streams.created", "mt_streams.tenant_id", "mt_streams.compacted_version",
            "tlog_head.opened_at", "tlog_head.closed_at", "tlog_head.term", "tlog_batch.n",
        ];
        List<string> unnoticed = [];

        // A second log, so that there is an order of logs.
        await _log.RecordAsync(2);
        await Sql.ExecuteAsync(
            _log.Database,
            """
            DO $$ DECLARE c record; BEGIN
                FOR c IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'audit'::regnamespace
                LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.owner, c.conname); END LOOP;
            END $$
            """);
        foreach (var table in (string[])["mt_events", "mt_streams", "tlog_head", "tlog_batch"])
        {
            var columns = await Sql.ScalarAsync<string[]>(
                _log.Database,
                $"SELECT array_agg(column_name || ' ' || udt_name ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = '{table}' AND is_generated = 'NEVER'");
            var names = string.Join(", ", columns.Select(static column => column.Split(' ')[0]));
            await Sql.ExecuteAsync(_log.Database, $"CREATE TABLE before AS SELECT {names} FROM audit.{table}");
            foreach (var (name, type) in columns.Select(static column => (column.Split(' ')[0], column.Split(' ')[1])))
            {
                var other = type switch
                {
                    "uuid" => "gen_random_uuid()",
                    "bytea" => $"sha256({name})",
                    "bool" => $"NOT {name}",
                    "timestamptz" => $"coalesce({name}, now()) + interval '1 day'",
                    "jsonb" => "'{\"a\":1}'",
                    "varchar" or "text" => $"coalesce({name}, '') || 'x'",
                    _ => $"coalesce({name}, 0) + 1000",
                };
                await Sql.ExecuteAsync(_log.Database, $"SET session_replication_role = replica; UPDATE audit.{table} SET {name} = {other} WHERE ctid = (SELECT ctid FROM audit.{table} LIMIT 1)");
                if ((await _log.VerifyAsync(roots: _log.Checkpoints)).Verifies)
                {
                    unnoticed.Add($"{table}.{name}");
                }

                await Sql.ExecuteAsync(_log.Database, $"SET session_replication_role = replica; DELETE FROM audit.{table}; INSERT INTO audit.{table} ({names}) SELECT {names} FROM before");
            }

            await Sql.ExecuteAsync(_log.Database, "DROP TABLE before");
            Assert.True((await _log.VerifyAsync()).Verifies, table);
        }

        Assert.True(unnoticed.SequenceEqual(provesNothing), string.Join(", ", unnoticed));
    }

    [Fact]
    public async Task CheckpointOfAnotherKey_DoesNotCount()
    {
        var report = await _log.VerifyAsync(key: CheckpointSigner.Create().Key);
        Assert.Contains("None of the given keys", Assert.Single(report.Faults).What, StringComparison.Ordinal);
    }

    private async Task FoundAsync(long index, string what, bool named = true)
    {
        var fault = Assert.Single((await _log.VerifyAsync()).Faults);
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
        Assert.Equal((Shard, 1L, (long?)index), (fault.Shard, fault.Epoch, fault.Index));
        if (named)
        {
            Assert.Equal(_log.Recorded[(int)index], fault.EventId);
        }
    }
}
