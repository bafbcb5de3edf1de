using System.Net;
using Npgsql;
using PolicyRouter.Simulator.Network;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>A database that is slow, silent or full of others' connections: nothing leaves without its record, and nothing has to be mended by hand.</summary>
public sealed class DatabaseChaosTests
{
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
}
