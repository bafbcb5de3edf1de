using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Sealing;

/// <summary>One note about all logs: what one node keeps tells what became of the logs of the others.</summary>
public sealed class RootCheckpointTests : IAsyncLifetime
{
    private readonly SealedLog _log = new("gateway-1");
    private readonly string _othersFolder = TestFolder.Create("checkpoints-of-gateway-2");

    /// <summary>Two epochs of gateway-1; then gateway-2, while gateway-1 writes its third.</summary>
    public async Task InitializeAsync()
    {
        await _log.CreateAsync(4);
        await _log.RecordAsync(3);
        await using var first = await _log.OpenAsync();
        await first.AppendAsync(SealedLog.Event(0), CancellationToken.None);
        await first.AppendAsync(SealedLog.Event(1), CancellationToken.None);
        Assert.True(await first.PublishCheckpointAsync(CancellationToken.None));
        await using var second = await _log.OpenAsync("gateway-2", _othersFolder);
        await second.AppendAsync(SealedLog.Event(2), CancellationToken.None);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_othersFolder, recursive: true);
        return _log.CleanAsync();
    }

    [Fact]
    public async Task UntouchedDatabase_Verifies_AlsoWhenItHasGrown()
    {
        Assert.Empty((await VerifyAsync()).Faults);
        await _log.RecordAsync(2);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public void RootCheckpoint_CoversAllLogs_AndIsSigned()
    {
        var root = CheckpointFolder.ReadRoots(_othersFolder).Newest.Last();

        Assert.Equal(4, root.Size);
        Assert.True(root.IsSignedBy([_log.Signer.Key]));
        Assert.False(root.IsSignedBy([CheckpointSigner.Create().Key]));
        Assert.Contains(root.Logs, static log => (log.Shard, log.Epoch, log.Size) == ("gateway-1", 3, 2));
        Assert.All(root.Logs, log => Assert.True(log.IsSignedBy([_log.Signer.Key])));
        Assert.Throws<FormatException>(() => SignedCheckpoint.Parse(root.Note));
    }

    [Theory]
    [InlineData("a whole shard", "shard = 'gateway-1'", "a whole log was removed")]
    [InlineData("its last epoch", "shard = 'gateway-1' AND epoch = 3", "a whole log was removed")]
    public async Task RemovedLog_IsFoundByTheFolderOfAnotherNode(string what, string condition, string fault)
    {
        await Sql.ExecuteAsync(
            _log.Database,
            $"""
            DELETE FROM audit.mt_events WHERE stream_id IN (SELECT stream_id FROM audit.tlog_head WHERE {condition});
            DELETE FROM audit.mt_streams WHERE id IN (SELECT stream_id FROM audit.tlog_head WHERE {condition});
            DELETE FROM audit.tlog_batch WHERE {condition};
            DELETE FROM audit.tlog_checkpoint WHERE {condition};
            DELETE FROM audit.tlog_head WHERE {condition};
            """);

        // The control: the database by itself shows nothing.
        Assert.True((await _log.VerifyAsync(withKept: false)).Verifies, what);
        var report = await VerifyAsync();
        Assert.Contains(report.Faults, found => found.What.Contains(fault, StringComparison.Ordinal));

        // Numbers that close the gap do not help.
        await Sql.ExecuteAsync(
            _log.Database,
            """
            UPDATE audit.tlog_head h SET number = -n.number FROM (SELECT shard, epoch, row_number() OVER (ORDER BY number) AS number FROM audit.tlog_head) n
            WHERE n.shard = h.shard AND n.epoch = h.epoch;
            UPDATE audit.tlog_head SET number = -number;
            """);
        Assert.False((await VerifyAsync()).Verifies);
    }

    [Fact]
    public async Task LogOfAnotherNodeThatWasCut_IsFound_AlsoAfterItHadEnded()
    {
        await CutAsync(epoch: 1, to: 2);
        Assert.Contains((await VerifyAsync()).Faults, static fault => fault.What.Contains("cut after it had ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LogOfAnotherNodeThatWasCut_IsFound_WhileItIsWritten()
    {
        await CutAsync(epoch: 3, to: 1);
        var fault = Assert.Single((await VerifyAsync()).Faults);
        Assert.Equal(("gateway-1", 3L), (fault.Shard, fault.Epoch));
        Assert.Contains("its tail was cut", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OlderBackup_IsFound()
    {
        var older = await StoredLog.CopyAsync(_log.Database);
        await using (await _log.OpenAsync("gateway-2", _othersFolder))
        {
        }

        var report = await _log.VerifyAsync(older, withKept: false, roots: _othersFolder);
        Assert.Contains(report.Faults, static fault => fault.What.Contains("the database has 4 logs", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task DatabaseFromBeforeLogsWereNumbered_IsBroughtUpToDate_InTheOrderOfTheirOpening()
    {
        await Sql.ExecuteAsync(
            _log.Database,
            "ALTER TABLE audit.tlog_head DROP COLUMN number, DROP COLUMN retired_at; ALTER TABLE audit.tlog_checkpoint DROP COLUMN at; DROP TABLE audit.legal_hold, audit.key_in_use");

        await _log.RecordAsync(2);

        var report = await _log.VerifyAsync(roots: _othersFolder);
        Assert.Empty(report.Faults);
        Assert.Equal(5, report.Logs.Count);
    }

    [Fact]
    public async Task NoteThatACrashCutShort_HidesNoOther_WhateverIsWrittenBehindIt()
    {
        var file = Assert.Single(Directory.GetFiles(_othersFolder, "*.roots", SearchOption.AllDirectories));
        var whole = CheckpointFolder.ReadRoots(file).Newest.Last().Note;
        var next = RootCheckpoint.Sign("policyrouter", 9, new byte[TreeHash.Size], Sample.Noon, [], _log.Signer);
        var torn = Path.Combine(_log.Checkpoints, "gateway-9", "2026-04-28.roots");
        Directory.CreateDirectory(Path.GetDirectoryName(torn)!);
        foreach (var length in Enumerable.Range(0, whole.Length))
        {
            await File.WriteAllTextAsync(torn, whole + "\n" + whole[..length]);
            await new CheckpointFolder(_log.Checkpoints).KeepAsync(next, "gateway-9", CancellationToken.None);
            Assert.Equal([whole, next.Note], CheckpointFolder.ReadRoots(torn).Newest.Select(static root => root.Note).Where(note => note == whole || note == next.Note));

            // As it was written before a process ended what it found torn.
            await File.WriteAllTextAsync(torn, whole + "\n" + whole[..length] + next.Note + "\n");
            Assert.Equal(next.Note, CheckpointFolder.ReadRoots(torn).Newest.Last().Note);
        }
    }

    [Fact]
    public async Task UnsignedNote_HidesNoSignedOne_OfAsManyLogs()
    {
        var signed = CheckpointFolder.ReadRoots(_othersFolder);
        await CutAsync(epoch: 1, to: 2);
        Assert.False((await VerifyAsync()).Verifies);

        // The attacker appends a note that fits the database as it is now.
        KeptRoots roots = new();
        roots.Add(signed);
        var heads = await Audit.Verifying.DatabaseLog.OpenAsync(_log.Database, TimeSpan.Zero, CancellationToken.None);
        MerkleStack tree = new();
        await using (heads)
        {
            var inOrder = (await heads.HeadsAsync(CancellationToken.None)).OrderBy(static head => head.Number).ToList();
            foreach (var head in inOrder)
            {
                var before = inOrder.Find(other => other.Shard == head.Shard && other.Epoch == head.Epoch - 1);
                tree.Append(RootLeaf.Hash(head.Shard, head.Epoch, before?.Size ?? 0, before?.Root ?? TreeHash.OfNothing));
            }
        }

        roots.Add(RootCheckpoint.Sign("policyrouter", tree.Size, tree.Root(), Sample.Noon, [], CheckpointSigner.Create()));
        var report = await new Audit.Verifying.LogVerifier([_log.Signer.Key], [], null, roots).VerifyDatabaseAsync(_log.Database, CancellationToken.None);
        Assert.Contains(report.Faults, static fault => fault.What.Contains("cut after it had ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RootCheckpointOfAnotherKey_DoesNotCount()
    {
        KeptRoots roots = new();
        roots.Add(RootCheckpoint.Sign("policyrouter", 9, new byte[32], Sample.Noon, [], CheckpointSigner.Create()));
        var report = await new Audit.Verifying.LogVerifier([_log.Signer.Key], [], null, roots).VerifyDatabaseAsync(_log.Database, CancellationToken.None);
        Assert.Contains("none of the given keys", Assert.Single(report.Faults).What, StringComparison.Ordinal);
    }

    private Task<Audit.Verifying.VerificationReport> VerifyAsync() => _log.VerifyAsync(withKept: false, roots: _othersFolder);

    /// <summary>Removes the end of an epoch of gateway-1 with everything that the database says about it.</summary>
    private async Task CutAsync(long epoch, int to)
    {
        var left = (await StoredLog.EventsAsync(_log.Database, "gateway-1", epoch)).Take(to).Select(static entry => entry.Bytes).ToList();
        MerkleStack tree = new();
        left.ForEach(entry => tree.Append(TreeHash.Leaf(entry)));
        var stream = $"(SELECT stream_id FROM audit.tlog_head WHERE shard = 'gateway-1' AND epoch = {epoch})";
        await Sql.ExecuteAsync(
            _log.Database,
            $"""
            DELETE FROM audit.mt_events WHERE stream_id = {stream} AND version > {to};
            UPDATE audit.mt_streams SET version = {to} WHERE id = {stream};
            DELETE FROM audit.tlog_checkpoint WHERE shard = 'gateway-1' AND epoch = {epoch};
            DELETE FROM audit.tlog_batch WHERE shard = 'gateway-1' AND epoch = {epoch};
            INSERT INTO audit.tlog_batch (shard, epoch, first, n, leaf_hashes)
            VALUES ('gateway-1', {epoch}, 0, {to}, '\x{Convert.ToHexString([.. left.SelectMany(static entry => TreeHash.Leaf(entry))])}');
            UPDATE audit.tlog_head SET size = {to}, root = '\x{Convert.ToHexString(tree.Root())}', stack = '\x{Convert.ToHexString(tree.ToBytes())}'
            WHERE shard = 'gateway-1' AND epoch = {epoch};
            """);
        Assert.True((await _log.VerifyAsync(withKept: false)).Verifies);
    }
}
