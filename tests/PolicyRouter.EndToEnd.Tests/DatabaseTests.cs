using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>PostgreSQL absent, stopped or killed: nothing is sent unrecorded, nothing is lost, the gateway recovers by itself.</summary>
public class DatabaseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task DatabaseThatIsAbsent_StopsTheStart()
    {
        await Assert.ThrowsAsync<AuditUnavailableException>(() => GatewayUnderTest.StartAsync(
            static options => options.ConnectionString = "Host=127.0.0.1;Port=1;Username=nobody;Password=none;Database=none;Timeout=2"));
    }

    [Fact]
    public async Task DatabaseStoppedInMidRun_RefusesWithAuditUnavailable_AndRecoversByItself()
    {
        var folder = TestFolder.Create("stopped");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        try
        {
            await using var gateway = await GatewayUnderTest.StartAsync(options => options.ConnectionString = server.ConnectionString);
            Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Before."))).Status);
            var sentBefore = gateway.Fleet.Received.Count;

            await server.DisposeAsync();
            var refused = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "While it is stopped."));

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
            Assert.Equal("audit_unavailable", refused.ErrorCode);
            Assert.True(refused.Headers.ContainsKey("retry-after"));
            Assert.Equal(sentBefore, gateway.Fleet.Received.Count);

            server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
            var recovered = await AnsweredAsync(gateway);
            Assert.Equal("completed", (await gateway.OutcomeOfAsync(recovered.DecisionId)).GetProperty("outcome").GetString());
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task DatabaseKilledUnderLoad_EverySendHasItsRecord_AndEveryAnswerItsDecision()
    {
        var folder = TestFolder.Create("killed");
        var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        try
        {
            await using var gateway = await GatewayUnderTest.StartAsync(options => options.ConnectionString = server.ConnectionString);
            ConcurrentDictionary<string, Guid> served = new(StringComparer.Ordinal);
            ConcurrentDictionary<string, Guid> asked = new(StringComparer.Ordinal);
            using SemaphoreSlim progress = new(0);
            using CancellationTokenSource stop = new();
            var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    var marker = $"marker-{caller}-{i}-end";
                    var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", $"Summarise {marker}."));
                    asked[marker] = reply.DecisionId;
                    if (reply.Status == HttpStatusCode.OK)
                    {
                        served[marker] = reply.DecisionId;
                        progress.Release();
                    }
                    else
                    {
                        Assert.Equal("audit_unavailable", reply.ErrorCode);
                    }
                }
            })).ToArray();
            for (var kill = 0; kill < 2; kill++)
            {
                await WaitAsync(progress, 40);
                using var postmaster = Process.GetProcessById(server.ProcessId);
                postmaster.Kill(entireProcessTree: true);
                await postmaster.WaitForExitAsync();
                var dead = server;
                server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
                await dead.DisposeAsync();
            }

            await WaitAsync(progress, 40);
            await stop.CancelAsync();
            await Task.WhenAll(callers).WaitAsync(Patience);

            await using var history = AuditHistory.Open(server.ConnectionString);
            var recorded = await RecordedAsync(history);
            Assert.All(served.Values, id => Assert.True(recorded.ContainsKey(id), $"{id} was answered but is not in the log"));
            foreach (var sent in gateway.Fleet.Received)
            {
                var marker = sent.Text[sent.Text.IndexOf("marker-", StringComparison.Ordinal)..(sent.Text.IndexOf("-end", StringComparison.Ordinal) + 4)];
                Assert.Contains(sent.Provider, recorded[asked[marker]]);
            }
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Reply> AnsweredAsync(GatewayUnderTest gateway)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "After."), cancellationToken: patience.Token);
            if (reply.Status == HttpStatusCode.OK)
            {
                return reply;
            }

            Assert.Equal("audit_unavailable", reply.ErrorCode);
        }
    }

    private static async Task WaitAsync(SemaphoreSlim progress, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await progress.WaitAsync(Patience), "the gateway stopped answering");
        }
    }

    private static async Task<Dictionary<Guid, IReadOnlyList<string>>> RecordedAsync(AuditHistory history)
    {
        Dictionary<Guid, IReadOnlyList<string>> recorded = [];
        string? cursor = null;
        do
        {
            var page = await history.QueryAsync(new HistoryQuery { Limit = 500, Cursor = cursor }, CancellationToken.None);
            foreach (var decision in page.Decisions)
            {
                recorded[decision.Id] = decision.AuthorizedDeployments;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return recorded;
    }
}
