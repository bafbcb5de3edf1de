using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Resilience.Drifting;

namespace PolicyRouter.Gateway.Tests.Resilience.Drifting;

public class DecayingAverageTests
{
    private static readonly TimeSpan Constant = TimeSpan.FromMinutes(2);

    /// <summary>The same as adding up every sample with the weight it has left.</summary>
    [Fact]
    public void Average_IsThatOfAllSamples_WeighedByTheirAge() =>
        Gen.Select(Gen.Double[0, 1_000], Gen.Int[0, 200_000]).Array[1, 50].Sample(samples =>
        {
            FakeTimeProvider time = new();
            DecayingAverage average = new(time, Constant);
            List<(double Value, DateTimeOffset At)> added = [];
            foreach (var (value, pause) in samples)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                average.Add(value);
                added.Add((value, time.GetUtcNow()));
            }

            var weights = added.Select(sample => Math.Exp(-((time.GetUtcNow() - sample.At) / Constant))).ToList();
            Assert.Equal(weights.Sum(), average.Volume, tolerance: 1e-6);
            Assert.Equal(added.Zip(weights, static (sample, weight) => sample.Value * weight).Sum() / weights.Sum(), average.Value!.Value, tolerance: 1e-6);
        });

    [Fact]
    public void WithoutSamples_ThereIsNoAverage_AndOldOnesLoseTheirVolumeButNotTheirValue()
    {
        FakeTimeProvider time = new();
        DecayingAverage average = new(time, Constant);
        Assert.Null(average.Value);
        Assert.Equal(0, average.Volume);

        average.Add(7);
        time.Advance(Constant * 10);

        Assert.Equal(7, average.Value);
        Assert.InRange(average.Volume, 0, 0.001);
    }
}
