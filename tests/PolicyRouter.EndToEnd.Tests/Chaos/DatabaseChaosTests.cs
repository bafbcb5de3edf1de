using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Simulator.Network;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>A database that is slow, silent or full of others' connections: nothing leaves without its record, and nothing has to be mended by hand.</summary>
public sealed class DatabaseChaosTests
{
    // A private server has so many places for connections; for all but superusers there are so few in one test.
    private const int ServerPlaces = 200;
    private const int OpenPlaces = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Ways() => ["slow", "silent", "reset"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WayToTheDatabaseThatFails_RefusesUntilItIsWell(string way)
    {
        NpgsqlConnectionStringBuilder direct = new(await PostgresFixture.CreateDatabaseAsync());
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{direct.Port}"));
        NpgsqlConnectionStringBuilder through = new(direct.ConnectionString) { Host = "127.0.0.1", Port = proxy.Port };
        await using var chaos = await ChaosStack.StartAsync(options => options.ConnectionString = through.ConnectionString);
        Assert.Equal(HttpStatusCode.OK, (await chaos.AskAsync(chaos.Question())).Status);
        var sentBefore = chaos.Gateway.Fleet.Received.Count;

        proxy.Conditions = way switch
        {
            "slow" => new() { Latency = TimeSpan.FromSeconds(3) },
            "silent" => new() { Stall = true },
            _ => new() { ResetOnConnect = true, ResetAfterBytes = 0 },
        };
        var refused = await chaos.AskAsync(chaos.Question()).WaitAsync(Patience);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "audit_unavailable"), (refused.Status, refused.ErrorCode));
        Assert.Equal(sentBefore, chaos.Gateway.Fleet.Received.Count);

        proxy.Conditions = NetworkConditions.Perfect;
        using CancellationTokenSource patience = new(Patience);
        while ((await chaos.AskAsync(chaos.Question())).Status != HttpStatusCode.OK)
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        await chaos.AssertPromisesAsync(direct.ConnectionString);
    }

    [Fact]
    public async Task ServerWhoseConnectionsOthersHaveTaken_RefusesUntilThereIsOneAgain()
    {
        var folder = TestFolder.Create("crowded");
        await using (var first = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            // Fewer to fill.
            await using NpgsqlConnection superuser = new(first.ConnectionString + ";Pooling=false");
            await superuser.OpenAsync();
            await Sql.ExecuteAsync(superuser, $"ALTER SYSTEM SET superuser_reserved_connections = {ServerPlaces - OpenPlaces}");
        }

        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            // Neither the gateway nor the others may have the places that are kept for superusers.
            await using NpgsqlConnection superuser = new(server.ConnectionString + ";Pooling=false");
            await superuser.OpenAsync();
            await Sql.ExecuteAsync(superuser, "CREATE ROLE gateway LOGIN PASSWORD 'of-the-test'; CREATE ROLE others LOGIN PASSWORD 'of-the-test'");
            await Sql.ExecuteAsync(superuser, "CREATE DATABASE log OWNER gateway");
            NpgsqlConnectionStringBuilder gateway = new(server.ConnectionString) { Database = "log", Username = "gateway", Password = "of-the-test" };
            await using var chaos = await ChaosStack.StartAsync(options => options.ConnectionString = gateway.ConnectionString);
            Assert.Equal(HttpStatusCode.OK, (await chaos.AskAsync(chaos.Question())).Status);

            List<NpgsqlConnection> others = [];
            try
            {
                // The gateway loses its connections, and others are faster.
                await Sql.ExecuteAsync(superuser, "ALTER ROLE gateway CONNECTION LIMIT 0");
                await Sql.ExecuteAsync(superuser, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'gateway'");
                await TakeAllAsync(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "others", Password = "of-the-test", Pooling = false }.ConnectionString, others);
                await Sql.ExecuteAsync(superuser, "ALTER ROLE gateway CONNECTION LIMIT -1");

                var sentBefore = chaos.Gateway.Fleet.Received.Count;
                for (var i = 0; i < 5; i++)
                {
                    var refused = await chaos.AskAsync(chaos.Question()).WaitAsync(Patience);
                    Assert.Equal((HttpStatusCode.ServiceUnavailable, "audit_unavailable"), (refused.Status, refused.ErrorCode));
                }

                Assert.Equal(sentBefore, chaos.Gateway.Fleet.Received.Count);
            }
            finally
            {
                foreach (var other in others)
                {
                    await other.DisposeAsync();
                }
            }

            using CancellationTokenSource patience = new(Patience);
            while ((await chaos.AskAsync(chaos.Question())).Status != HttpStatusCode.OK)
            {
                patience.Token.ThrowIfCancellationRequested();
            }

            await chaos.AssertPromisesAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Opens connections until the server has no place for another, those included that the gateway had while it was turned away.</summary>
    private static async Task TakeAllAsync(string connectionString, List<NpgsqlConnection> taken)
    {
        // The superuser of the test has one.
        using CancellationTokenSource patience = new(Patience);
        while (taken.Count < OpenPlaces - 1)
        {
            NpgsqlConnection connection = new(connectionString);
            try
            {
                await connection.OpenAsync(patience.Token);
                taken.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
            }
        }
    }
}
