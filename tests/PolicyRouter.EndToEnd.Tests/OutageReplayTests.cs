using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Benchmarks.Outages;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>One of the outages of the benchmark, shorter.</summary>
public class OutageReplayTests
{
    private const int PerSecond = 4;

    [Fact]
    public async Task OutageOf28April_AnswersEverybodyWhoHasAPermittedLiveProvider_AndSendsNothingElsewhere()
    {
        using var pack = OutagePack.Create();
        FakeTimeProvider clock = new(OutagePack.Start);
        await using var gateway = await GatewayContender.StartAsync(pack, await PostgresFixture.CreateDatabaseAsync(), clock);
        var trace = KnownOutages.AnthropicApril2026.Stretched(0.06);
        OutageStage stage = new(trace, pack, gateway.Fleet, clock);

        var requests = await OutageReplay.RunAsync(trace, gateway, stage, clock, PerSecond);

        OutageResult result = new(requests, pack);
        Assert.Equal(trace.Length.TotalSeconds * PerSecond, result.Requests);
        Assert.Equal(result.Requests, result.Answerable.Count);
        Assert.Empty(result.Missed);
        Assert.Equal(0, result.Forbidden);
        Assert.All(requests, request => Assert.Subset(pack.Permitted(request.Kind).ToHashSet(), request.Sends.ToHashSet()));

        // The outage was met: some had to go on to another provider, and for none of them it took longer than one that hangs.
        Assert.Contains(requests, static request => request.Sends.Count > 1);
        Assert.All(requests, static request => Assert.InRange(request.Took, TimeSpan.Zero, OutageStage.Total));
        Assert.Empty(gateway.Fleet.UnexpectedErrors);
    }
}
