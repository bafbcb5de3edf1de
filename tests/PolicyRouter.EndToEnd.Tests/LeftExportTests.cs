using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>An export holds a connection to the database for as long as somebody takes it, and no longer.</summary>
public sealed class LeftExportTests
{
    // More than the sockets of both sides hold: whoever does not read keeps the export waiting.
    private const int Events = 6_000;

    [Fact]
    public async Task CallerWhoLeaves_FreesItsConnection()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await FillAsync(gateway);
        await using NpgsqlConnection watch = new(gateway.Stack.ConnectionString + ";Pooling=false");
        await watch.OpenAsync();
        foreach (var format in new[] { "ndjson", "csv" })
        {
            using (var http = SlowClient())
            using (HttpRequestMessage request = new(HttpMethod.Get, new Uri(gateway.ControlPlane, $"/api/export?format={format}")))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token("auditor"));
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

                // It waits for its caller, in the middle of the log.
                await Eventually.HoldsAsync(async () => await HeldAsync(watch) == 1);
            }

            await Eventually.HoldsAsync(async () => await HeldAsync(watch) == 0);
        }

        // Nothing was lost by it: the next one is whole.
        var whole = await gateway.ControlAsync("/api/export?format=csv", "auditor");
        Assert.Equal(HttpStatusCode.OK, whole.Status);
    }

    /// <summary>Connections whose transaction has been open for two seconds: of all that the gateway does, only an export takes so long.</summary>
    private static async Task<long> HeldAsync(NpgsqlConnection watch)
    {
        await using NpgsqlCommand command = new(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start < clock_timestamp() - interval '2 seconds'",
            watch);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static HttpClient SlowClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ResponseDrainTimeout = TimeSpan.Zero,
        ConnectCallback = static async (context, cancellationToken) =>
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static async Task FillAsync(GatewayUnderTest gateway)
    {
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = gateway.Stack.ConnectionString, Shard = "filler", Deadline = TimeSpan.FromSeconds(60) }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var some in Enumerable.Range(0, Events).Chunk(500))
        {
            await Task.WhenAll(some.Select(_ => log.AppendAsync(
                new HistoryRead { Id = Guid.CreateVersion7(), At = now, Reader = "filler", Query = RandomNumberGenerator.GetHexString(3_900), Rows = 0 }, CancellationToken.None)));
        }
    }
}
