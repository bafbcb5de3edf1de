using CsCheck;
using PolicyRouter.Gateway.Resilience;

namespace PolicyRouter.Gateway.Tests.Resilience;

public sealed class RetryPauseTests
{
    [Fact]
    public void Pause_IsNeverBeforeItMayHelp_NorLong() => Gen.Select(Gen.Int[0, 86_400_000], Gen.Int).Sample(static (milliseconds, seed) =>
    {
        var soonest = TimeSpan.FromMilliseconds(milliseconds);
        var pause = RetryPause.After(soonest, new Chance(new Random(seed)));
        return pause >= TimeSpan.FromSeconds(2) && (pause >= soonest || soonest > TimeSpan.FromMinutes(1)) && pause <= TimeSpan.FromSeconds(126);
    });

    [Fact]
    public void Pauses_AreSpreadOverSixSecondsAtLeast()
    {
        Chance chance = new(new Random(1));
        var pauses = Enumerable.Range(0, 500).Select(_ => RetryPause.After(TimeSpan.Zero, chance).TotalSeconds).ToList();

        Assert.InRange(pauses.Min(), 2, 3);
        Assert.InRange(pauses.Max(), 9, 10);
    }
}
