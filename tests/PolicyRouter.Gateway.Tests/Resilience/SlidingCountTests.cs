using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Resilience;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class SlidingCountTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public void Count_IsThatOfTheWindow_ToATenthOfIt() =>
        Gen.Select(Gen.Int[0, 5_000], Gen.Int[0, 3]).Array[1, 60].Sample(steps =>
        {
            FakeTimeProvider time = new();
            SlidingCount count = new(time, Window);
            List<DateTimeOffset> added = [];
            foreach (var (pause, times) in steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                for (var i = 0; i < times; i++)
                {
                    count.Add();
                    added.Add(time.GetUtcNow());
                }

                var surely = added.Count(at => time.GetUtcNow() - at < Window * 0.9);
                var atMost = added.Count(at => time.GetUtcNow() - at <= Window);
                Assert.InRange(count.Total, surely, atMost);
            }
        });
}
