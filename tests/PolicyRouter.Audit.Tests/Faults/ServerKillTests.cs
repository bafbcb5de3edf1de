using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Faults;

public sealed class ServerKillTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task PostgresKilledUnderLoad_LosesNoAcknowledgedRecord_AndNothingIsSentWithoutOne()
    {
        var folder = TestFolder.Create("kill");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        try
        {
            var database = server.ConnectionString;
            ConcurrentDictionary<Guid, long> sent = new();
            using SemaphoreSlim acknowledged = new(0);
            var refusals = 0;
            await using (var log = await OpenAsync(database, "killed"))
            {
                using CancellationTokenSource stop = new();
                var callers = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        var decided = Sample.Permit();
                        try
                        {
                            var receipt = await log.AppendAsync(decided, CancellationToken.None);

                            // This is where the gateway would contact a provider.
                            sent[receipt.RequestId] = receipt.Index;
                            acknowledged.Release();
                        }
                        catch (AuditUnavailableException)
                        {
                            Interlocked.Increment(ref refusals);
                        }
                    }
                })).ToArray();

                for (var kill = 0; kill < 3; kill++)
                {
                    await WaitForAsync(acknowledged, 200);
                    Signal.KillServer(server.ProcessId);
                    var dead = server;
                    server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
                    await dead.DisposeAsync();
                    Assert.Equal(database, server.ConnectionString);
                }

                await WaitForAsync(acknowledged, 200);
                await stop.CancelAsync();
                await Task.WhenAll(callers).WaitAsync(Patience);
                Assert.True(log.IsWritable);
            }

            var recorded = (await StoredLog.EventsAsync(database + ";Pooling=false", "killed")).ToDictionary(static stored => stored.Id, static stored => stored.Index);
            Assert.All(sent, request => Assert.Equal(request.Value, Assert.Contains(request.Key, (IDictionary<Guid, long>)recorded)));
            Assert.True(refusals > 0, "The kills were not noticed.");
            await StoredLog.AssertConsistentAsync(database + ";Pooling=false", "killed");
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Outcomes_QueuedDuringAnOutage_AreCommittedWhenItEnds()
    {
        var folder = TestFolder.Create("outage");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        try
        {
            var database = server.ConnectionString;
            var requests = Enumerable.Range(0, 5).Select(static _ => Sample.Permit()).ToArray();
            await using (var log = await OpenAsync(database, "outage"))
            {
                await Task.WhenAll(requests.Select(request => log.AppendAsync(request, CancellationToken.None)));
                Signal.KillServer(server.ProcessId);
                await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Sample.Permit(), CancellationToken.None));
                Assert.False(log.IsWritable);
                Assert.All(requests, request => log.AppendOutcome(Sample.End(request.Id)));

                var dead = server;
                server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
                await dead.DisposeAsync();
                await AppendUntilRecordedAsync(log);
                Assert.Equal(0, log.OutcomesLeftToReconciliation);
            }

            Assert.Equal(5, await Sql.ScalarAsync<long>(
                database + ";Pooling=false", "SELECT count(*) FROM audit.audit_request WHERE end_outcome = 'completed' AND cardinality(event_ids) = 2"));
            await StoredLog.AssertConsistentAsync(database + ";Pooling=false", "outage");
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task OutageWhileNobodyAppends_IsNoticed_AndItsEndAsWell()
    {
        var folder = TestFolder.Create("silence");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        try
        {
            using LoggedSignal logged = new();
            using LoggerFactory loggers = new([logged]);
            await using var log = await AuditLog.OpenAsync(
                new AuditLogOptions { ConnectionString = server.ConnectionString, Shard = "silence" }, TimeProvider.System, loggers, CancellationToken.None);
            await AppendUntilRecordedAsync(log);
            var (lost, back) = (logged.WaitFor(LoggedSignal.NotUsable), logged.WaitFor(LoggedSignal.Writable));

            Signal.KillServer(server.ProcessId);
            await lost.WaitAsync(Patience);
            Assert.False(log.IsWritable);

            var dead = server;
            server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
            await dead.DisposeAsync();
            await back.WaitAsync(Patience);
            Assert.True(log.IsWritable);
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static async Task AppendUntilRecordedAsync(AuditLog log)
    {
        // Each refusal takes as long as the log's own look at the database.
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            try
            {
                await log.AppendAsync(Sample.Deny(), limit.Token);
                return;
            }
            catch (AuditUnavailableException)
            {
                limit.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task WaitForAsync(SemaphoreSlim signal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await signal.WaitAsync(Patience), "No record was acknowledged for a long time.");
        }
    }

    private static Task<AuditLog> OpenAsync(string database, string shard) => AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = database, Shard = shard }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
}
