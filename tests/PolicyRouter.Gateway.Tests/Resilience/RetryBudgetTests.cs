using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Resilience;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class RetryBudgetTests
{
    [Fact]
    public void Retries_AreAtMostATenthOfTheRequestsOfTheLastMinute_OrThree() =>
        Gen.Select(Gen.Int[0, 2_000], Gen.Bool).Array[1, 400].Sample(steps =>
        {
            FakeTimeProvider time = new();
            RetryBudget budget = new(time);
            List<DateTimeOffset> requests = [];
            List<DateTimeOffset> retries = [];
            foreach (var (pause, wantsRetry) in steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                budget.NoteRequest();
                requests.Add(time.GetUtcNow());
                if (!wantsRetry || !budget.TrySpend())
                {
                    continue;
                }

                retries.Add(time.GetUtcNow());
                var last = time.GetUtcNow() - TimeSpan.FromSeconds(54);
                Assert.True(retries.Count(at => at > last) <= Math.Max(3, requests.Count(at => at >= last - TimeSpan.FromSeconds(6)) / 10));
            }
        }, iter: 300);

    [Fact]
    public void SpentBudget_ComesBackWithTime()
    {
        FakeTimeProvider time = new();
        RetryBudget budget = new(time);
        Assert.True(budget.TrySpend() && budget.TrySpend() && budget.TrySpend());
        Assert.False(budget.TrySpend());

        time.Advance(TimeSpan.FromMinutes(1.1));

        Assert.Equal(3, budget.Left);
        Assert.True(budget.TrySpend());
    }

    [Fact]
    public void BusyProvider_HasATenth()
    {
        RetryBudget budget = new(new FakeTimeProvider());
        for (var i = 0; i < 200; i++)
        {
            budget.NoteRequest();
        }

        Assert.Equal(20, budget.Left);
    }
}
