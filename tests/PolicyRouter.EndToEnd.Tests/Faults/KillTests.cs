using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PolicyRouter.Testing;
using Xunit.Abstractions;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>
/// Processes killed under load, at moments that nobody chose: whatever a provider received was recorded before, whatever a caller was told is in the log, and the log
/// verifies. <c>POLICYROUTER_FAULT_KILLS=50</c> kills so many times; the figures go to the test's output.
/// </summary>
[Collection(nameof(KillTests))]
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Kills = "POLICYROUTER_FAULT_KILLS";

    private readonly Random _chance = new(20_260_428);

    [Fact]
    public async Task GatewayKilledUnderLoad_SendsNothingUnrecorded_AndLosesNoDecision()
    {
        await using var rig = await FaultRig.StartAsync(nodes: 1);
        await using Load load = new(rig);
        Times again = new("kill to the next answer");
        var kills = Campaign.Length(Kills, 3);
        for (var kill = 0; kill < kills; kill++)
        {
            await load.AnswersAsync(_chance.Next(20, 120));
            again.Add(await KillAndAwaitAsync(rig.Nodes[0]));
        }

        await EndAsync("Gateway killed", kills, rig, load, again);
    }

    [Fact]
    public async Task PostgresKilledUnderLoad_SendsNothingUnrecorded_AndLosesNoDecision_AndTheGatewayGoesOnByItself()
    {
        await using var rig = await FaultRig.StartAsync(nodes: 1);
        await using Load load = new(rig);
        Times again = new("PostgreSQL back to the next answer");
        var kills = Campaign.Length(Kills, 3);
        for (var kill = 0; kill < kills; kill++)
        {
            await load.AnswersAsync(_chance.Next(20, 120));
            await rig.KillPostgresAsync();

            // Down for as long as it takes to be refused so often.
            await load.RefusalsAsync(_chance.Next(1, 30));
            await rig.StartPostgresAsync();
            var back = TimeProvider.System.GetTimestamp();
            await rig.Nodes[0].ServesAgainAsync();
            again.Add(TimeProvider.System.GetElapsedTime(back));
        }

        await EndAsync("PostgreSQL killed", kills, rig, load, again);
    }

    [Fact]
    public async Task ThreeGatewaysOnOneDatabase_OneAfterTheOtherKilled_LoseAndDoubleNothing()
    {
        await using var rig = await FaultRig.StartAsync(nodes: 3);
        await using Load load = new(rig);
        Times again = new("kill to the next answer");
        var kills = Campaign.Length(Kills, 4);
        for (var kill = 0; kill < kills; kill++)
        {
            await load.AnswersAsync(_chance.Next(20, 120));
            again.Add(await KillAndAwaitAsync(rig.Nodes[_chance.Next(rig.Nodes.Count)]));

            // The one that kept the sums may have been it: one of the others does now.
            await FollowedSums.OneLeaderAsync(rig.ConnectionString);
        }

        await EndAsync("One of three gateways killed", kills, rig, load, again);
        await FollowedSums.AssertExactAsync(rig.ConnectionString);
    }

    [SkippableFact]
    public async Task PrimaryKilledUnderLoad_ItsStandbyPromoted_SendsNothingUnrecorded_LosesNoDecision_AndTheGatewayGoesOnThereByItself()
    {
        var missing = await StandbyServer.MissingAsync();
        Skip.IfNot(missing is null, missing);
        await using var rig = await FaultRig.StartAsync(nodes: 1, withStandby: true);
        await using Load load = new(rig);
        Times again = new("promotion to the next answer");
        var kills = Campaign.Length(Kills, 2);
        for (var kill = 1; ; kill++)
        {
            await load.AnswersAsync(_chance.Next(20, 120));
            var dead = new NpgsqlConnectionStringBuilder(rig.ConnectionString).Port;
            await rig.KillPostgresAsync();
            await load.RefusalsAsync(_chance.Next(1, 30));
            await rig.PromoteAsync();
            var promoted = TimeProvider.System.GetTimestamp();
            await rig.Nodes[0].ServesAgainAsync();
            again.Add(TimeProvider.System.GetElapsedTime(promoted));
            if (kill == kills)
            {
                break;
            }

            // The next standby has the dead one's address: of the two, the first does not take writes then.
            await rig.ReplaceStandbyAsync(dead);
        }

        await FollowedSums.OneLeaderAsync(rig.ConnectionString);
        await EndAsync("Primary killed, its standby promoted", kills, rig, load, again);
    }

    /// <summary>The control: these tests would be worth nothing if they did not notice a loss.</summary>
    [Fact]
    public async Task CommitsThatAreNotDurable_AreFoundOut()
    {
        await using var rig = await FaultRig.StartAsync(nodes: 1);
        await MakeCommitsHollowAsync(rig.ConnectionString);
        await using Load load = new(rig);
        Task noticed;
        Task again;
        do
        {
            await load.AnswersAsync(60);
            await StopWalWriterAsync(rig.ConnectionString);
            await load.AnswersAsync(20);
            await rig.KillPostgresAsync();
            await load.RefusalsAsync(1);
            await rig.StartPostgresAsync();
            noticed = rig.Nodes[0].AlarmedAsync();
            again = rig.Nodes[0].ServesAgainAsync();
        }
        while (await Task.WhenAny(noticed, again) == again);

        await load.StopAsync();
        await rig.Nodes[0].KillAsync();
        var found = await Reconciliation.OfAsync(rig, load);
        output.WriteLine(found.ToString());
        Assert.True(found.LostDecisions > 0 && found.SendsWithoutRecord > 0, found.ToString());

        // The gateway itself noticed as well, and took nothing more.
        Assert.Contains(rig.Nodes[0].Alarms, static alarm => alarm.Contains("went back in time", StringComparison.Ordinal));
    }

    private static async Task<TimeSpan> KillAndAwaitAsync(GatewayNode node)
    {
        var killed = TimeProvider.System.GetTimestamp();
        await node.KillAsync();
        var serves = node.ServesAgainAsync();
        await node.StartAsync();
        await serves;
        return TimeProvider.System.GetElapsedTime(killed);
    }

    private async Task EndAsync(string what, int kills, FaultRig rig, Load load, Times again)
    {
        await load.AnswersAsync(20);
        await load.StopAsync();
        await Task.WhenAll(rig.Nodes.Select(static node => node.StopAsync()));
        var found = await Reconciliation.OfAsync(rig, load);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what} {kills} times. {found}. {load.Refusals} refusals, the longest after {load.LongestRefusal.TotalSeconds:0.0} s. {again}."));
        found.AssertNothingLost();
        Assert.Empty(rig.Nodes.SelectMany(static node => node.Alarms));
    }

    /// <summary>The process that takes to the disk what nobody waited for; without it such commits stay in memory until that is full.</summary>
    private static async Task StopWalWriterAsync(string connectionString)
    {
        var process = await Sql.ScalarAsync<int>(connectionString, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'");
        using var stop = Process.Start("/bin/kill", ["-STOP", process.ToString(CultureInfo.InvariantCulture)]);
        await stop.WaitForExitAsync();
        Assert.Equal(0, stop.ExitCode);
    }

    /// <summary>
    /// At the very end of each transaction, when it is asked to commit, its commit is told not to wait for the disk: behind the gateway's back, which looks until just before and refuses what it can see.
    /// </summary>
    private static async Task MakeCommitsHollowAsync(string connectionString)
    {
        await using NpgsqlConnection database = new(connectionString + ";Pooling=false");
        await database.OpenAsync();
        foreach (var statement in (string[])
        [
            "CREATE FUNCTION audit.hollow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$",
            "CREATE CONSTRAINT TRIGGER hollow AFTER INSERT ON audit.tlog_batch DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.hollow()",

            // A checkpoint's own commit would take the others to the disk with it, every second.
            "CREATE TRIGGER hollow AFTER INSERT OR UPDATE ON audit.tlog_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit.hollow()",
        ])
        {
            await Sql.ExecuteAsync(database, statement);
        }
    }
}
