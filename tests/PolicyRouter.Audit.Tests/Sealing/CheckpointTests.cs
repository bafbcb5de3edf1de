using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Sealing;

/// <summary>What is published about a log, where it is kept, and what a start makes of it.</summary>
public sealed class CheckpointTests : IAsyncLifetime
{
    private static readonly CheckpointSigner Signer = CheckpointSigner.Create();

    private readonly string _folder = TestFolder.Create("checkpoints");
    private readonly FakeLogCollector _logged = new();
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgresFixture.CreateDatabaseAsync();

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task EveryCommit_AdvancesTheTreeOverTheStoredBytes()
    {
        await RecordAsync(21);

        var stored = await StoredLog.EventsAsync(_database, "gateway");
        Assert.Equal(
            NaiveTree.Root([.. stored.Select(static entry => entry.Bytes)]),
            await Sql.ScalarAsync<byte[]>(_database, "SELECT root FROM audit.tlog_head WHERE shard = 'gateway'"));
    }

    [Fact]
    public async Task Checkpoint_CoversWhatWasAcknowledged_AndIsKeptInTheFolderAndInTheDatabase()
    {
        await using var log = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await log.AppendAsync(Sample.Permit(), CancellationToken.None);
        }

        Assert.True(await log.PublishCheckpointAsync(CancellationToken.None));

        var kept = Assert.Single(CheckpointFolder.ReadAll(_folder), static checkpoint => checkpoint.Size == 5);
        Assert.True(kept.IsSignedBy([Signer.Key]));
        Assert.Equal(("gateway", 1L), (kept.Shard, kept.Epoch));
        Assert.Equal(NaiveTree.Root([.. (await StoredLog.EventsAsync(_database, "gateway")).Select(static entry => entry.Bytes)]), kept.Root.ToArray());
        Assert.Equal(kept.Note, await Sql.ScalarAsync<string>(_database, "SELECT note FROM audit.tlog_checkpoint WHERE shard = 'gateway'"));
    }

    [Fact]
    public async Task LogThatCloses_LeavesACheckpointOverAllOfIt()
    {
        await RecordAsync(3);
        await RecordAsync(2);

        Assert.Equal([(1L, 3L), (2L, 2L)], new CheckpointFolder(_folder).NewestOf("gateway").Select(static checkpoint => (checkpoint.Epoch, checkpoint.Size)));
    }

    [Fact]
    public async Task NoteThatACrashCutShort_IsNoCheckpoint_AndTheNextOneIsReadAgain()
    {
        await RecordAsync(3);
        var file = Assert.Single(Directory.GetFiles(_folder, "*.checkpoints", SearchOption.AllDirectories));
        var whole = await File.ReadAllTextAsync(file);
        foreach (var length in Enumerable.Range(0, whole.Length - 1))
        {
            await File.WriteAllTextAsync(file, string.Concat(whole, whole.AsSpan(0, length)));
            var read = CheckpointFolder.ReadAll(file).ToList();
            Assert.All(read, static checkpoint => Assert.True(checkpoint.IsSignedBy([Signer.Key])));
            Assert.Equal(read[^1].Size, new CheckpointFolder(_folder).NewestOf("gateway")[^1].Size);
        }
    }

    [Fact]
    public async Task LongFile_IsReadFromItsEnd_WhereverThatFallsInANote()
    {
        for (var length = 1; length <= 160; length++)
        {
            var shard = new string('g', length);
            var last = SignedCheckpoint.Sign(new LogName(AuditLogOptions.DefaultOrigin, shard, 1), 7, new byte[TreeHash.Size], Sample.Noon, Signer);
            await new CheckpointFolder(_folder).KeepAsync(last, CancellationToken.None);
            var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder, shard)));
            await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat(last.Note + "\n", 100)));

            Assert.Equal(last.Note, Assert.Single(new CheckpointFolder(_folder).NewestOf(shard)).Note);
        }
    }

    [Fact]
    public async Task DatabaseOfAnOlderBackup_IsRefusedAtTheStart()
    {
        await RecordAsync(4);
        var older = await StoredLog.CopyAsync(_database);
        await RecordAsync(4);

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(older));

        Assert.Contains("went back in time", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("epoch 2 of shard gateway is gone", refusal.Message, StringComparison.Ordinal);
        await using var other = await OpenAsync(older, "gateway-restored");
        Assert.True(other.IsWritable);
    }

    [Fact]
    public async Task DatabaseThatLacksWhatAnotherShardOfTheFolderPublished_IsRefused_ForAShardThatItKnows()
    {
        await RecordAsync(2);
        await using (var other = await OpenAsync(shard: "gateway-2"))
        {
            await other.AppendAsync(Sample.Deny(), CancellationToken.None);
        }

        var older = await StoredLog.CopyAsync(_database);
        await using (await OpenAsync(shard: "gateway-2"))
        {
        }

        await using (var other = await OpenAsync(shard: "gateway-2"))
        {
            await other.AppendAsync(Sample.Deny(), CancellationToken.None);
        }

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(older));
        Assert.Contains("of shard gateway-2 is gone", refusal.Message, StringComparison.Ordinal);

        // A new name accepts the loss, records it, and comes up again under it.
        await using (var restored = await OpenAsync(older, "gateway-restored"))
        {
            Assert.NotEqual(0, await Audit.Retention.Rollbacks.RecordAsync(restored, older, _folder, "node-1", TimeProvider.System, CancellationToken.None));
        }

        await using var again = await OpenAsync(older, "gateway-restored");
        Assert.True(again.IsWritable);
    }

    [Fact]
    public async Task CutTail_IsRefusedAtTheStart()
    {
        await RecordAsync(4);
        await Tampering.CutTailAsync(_database, "gateway", 1);

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync());

        Assert.Contains("has 3 events, and a kept checkpoint covers 4", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RewrittenHistory_IsRefusedAtTheStart()
    {
        await RecordAsync(4);
        await Tampering.RewriteConsistentlyAsync(_database, "gateway", 2);

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync());

        Assert.Contains("are not those that a kept checkpoint covers", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FolderThatHoldsSomethingElse_IsRefusedAtTheStart()
    {
        await RecordAsync(1);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(_folder, "*.checkpoints", SearchOption.AllDirectories)), "not\n\na checkpoint\n\n");

        await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync());
    }

    [Fact]
    public async Task EventThatComesBackChanged_StopsTheLog()
    {
        await using var log = await OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            await log.AppendAsync(Sample.Permit(), CancellationToken.None);
        }

        Assert.True(await log.ReadBackAsync(CancellationToken.None));
        await log.AppendAsync(Sample.Permit(), CancellationToken.None);
        await Tampering.FlipByteAsync(_database, "gateway", 3);

        Assert.False(await log.ReadBackAsync(CancellationToken.None));
        Assert.False(log.IsWritable);
        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), CancellationToken.None));
        Assert.Contains("does not give back what was recorded", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("shard gateway, epoch 1, first at index 3", Assert.Single(_logged.GetSnapshot(), static record => record.Id.Id == 5111).Message.Split(": ")[1].Split(';')[0]);
    }

    [Fact]
    public async Task EventThatDoesNotComeBack_StopsTheLog()
    {
        await using var log = await OpenAsync();
        await log.AppendAsync(Sample.Permit(), CancellationToken.None);
        await log.AppendAsync(Sample.Permit(), CancellationToken.None);
        await Tampering.DeleteAsync(_database, "gateway", 1);

        Assert.False(await log.ReadBackAsync(CancellationToken.None));
        Assert.False(log.IsWritable);
    }

    private async Task RecordAsync(int events)
    {
        await using var log = await OpenAsync();
        for (var i = 0; i < events; i++)
        {
            await log.AppendAsync(Sample.Deny(), CancellationToken.None);
        }
    }

    private Task<AuditLog> OpenAsync(string? database = null, string shard = "gateway") => AuditLog.OpenAsync(
        new AuditLogOptions
        {
            ConnectionString = database ?? _database,
            Shard = shard,
            Deadline = TimeSpan.FromSeconds(20),
            Signer = Signer,
            CheckpointFolder = _folder,
        },
        TimeProvider.System,
        new LoggerFactory([new FakeLoggerProvider(_logged)]),
        CancellationToken.None);
}
