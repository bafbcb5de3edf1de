using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Retention;

/// <summary>A backup of the whole server, restored as another server, after more was recorded than it holds.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly string _folder = TestFolder.Create("restore");
    private readonly CheckpointSigner _signer = CheckpointSigner.Create();

    private string Original => Path.Combine(_folder, "original");
    private string Restored => Path.Combine(_folder, "restored");
    private string Kept => Path.Combine(_folder, "checkpoints");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task RestoredBackup_IsRefused_UntilItIsGivenAnotherShard_AndBothHeadsAreOnRecord()
    {
        await using (var server = await StartAsync(Original))
        {
            await RecordAsync(Unpooled(server), 6);
            await RecordAsync(Unpooled(server), 3);
        }

        await BackUpAsync(Original, Restored);
        string lostRoot;
        await using (var server = await StartAsync(Original))
        {
            await RecordAsync(Unpooled(server), 4);
            lostRoot = Convert.ToHexStringLower(await Sql.ScalarAsync<byte[]>(Unpooled(server), "SELECT root FROM audit.tlog_head WHERE shard = 'gateway' AND epoch = 3"));
        }

        await using var restored = await StartAsync(Restored);
        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(Unpooled(restored), "gateway"));
        Assert.Contains("epoch 3 of shard gateway is gone", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("another Audit:Shard", refusal.Message, StringComparison.Ordinal);

        await using (var log = await OpenAsync(Unpooled(restored), "gateway-after-restore"))
        {
            Assert.Equal(1, await Rollbacks.RecordAsync(log, Unpooled(restored), Kept, "node-1", TimeProvider.System, CancellationToken.None));
            Assert.Equal(0, await Rollbacks.RecordAsync(log, Unpooled(restored), Kept, "node-2", TimeProvider.System, CancellationToken.None));
            await log.AppendAsync(SealedLog.Event(1), CancellationToken.None);
        }

        var record = Assert.IsType<RollbackFound>(CanonicalJsonReader.Read((await StoredLog.EventsAsync(Unpooled(restored), "gateway-after-restore"))[0].Bytes));
        Assert.Equal(("gateway", 3L, 0L, null, 4L, lostRoot), (record.Shard, record.Epoch, record.DatabaseSize, record.DatabaseRoot, record.CheckpointSize, record.CheckpointRoot));

        // What was lost stays visible; what is there is what was recorded.
        var report = await new LogVerifier([_signer.Key], CheckpointFolder.ReadAll(Kept)).VerifyDatabaseAsync(Unpooled(restored), CancellationToken.None);
        var fault = Assert.Single(report.Faults);
        Assert.Equal(("gateway", 3L), (fault.Shard, fault.Epoch));
        Assert.Equal([6L, 3L, 2L], report.Logs.Select(static log => log.Entries));
    }

    private static Task<LocalPostgresServer> StartAsync(string folder) => LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);

    /// <summary>Both servers, and one server twice, may have the same address: a pool would keep connections to one that is gone.</summary>
    private static string Unpooled(LocalPostgresServer server) => server.ConnectionString + ";Pooling=false";

    /// <summary>A copy of a stopped server's files with their owners and rights.</summary>
    private static async Task BackUpAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
    }

    private async Task RecordAsync(string database, int events)
    {
        await using var log = await OpenAsync(database, "gateway");
        for (var i = 0; i < events; i++)
        {
            await log.AppendAsync(SealedLog.Event(i), CancellationToken.None);
        }
    }

    private Task<AuditLog> OpenAsync(string database, string shard) => AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = database, Shard = shard, Deadline = TimeSpan.FromSeconds(20), Signer = _signer, CheckpointFolder = Kept },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);
}
