using System.Threading.RateLimiting;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Admission;

namespace PolicyRouter.Gateway.Tests.Admission;

public sealed class MinuteLimiterTests
{
    [Fact]
    public void WhatIsGranted_IsNeverMoreThanTheMinutesThatPassed_AndOneMinuteSavedUp_AndOneRequest()
    {
        var steps = Gen.Select(Gen.Int[0, 90_000], Gen.Int[1, 150], Gen.Int[0, 200]).Array[1, 60];
        Gen.Select(Gen.Int[1, 100], steps).Sample(static (perMinute, run) =>
        {
            FakeTimeProvider time = new();
            var started = time.GetTimestamp();
            using MinuteLimiter limiter = new(perMinute, time);
            long used = 0;
            long largest = 0;
            foreach (var (pause, ask, really) in run)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                using var lease = (MinuteLease)limiter.AttemptAcquire(ask);
                if (lease.IsAcquired)
                {
                    lease.Settle(really);
                    used += really;
                    largest = Math.Max(largest, really);
                }
            }

            return used <= (perMinute * (1 + time.GetElapsedTime(started).TotalMinutes)) + largest + 0.001;
        });
    }

    [Fact]
    public void AfterThePauseItNames_TheSameAskIsGranted_AndNotMuchBefore()
    {
        Gen.Select(Gen.Int[1, 1_000], Gen.Int[1, 2_000].Array[1, 30]).Sample(static (perMinute, asks) =>
        {
            FakeTimeProvider time = new();
            using MinuteLimiter limiter = new(perMinute, time);
            foreach (var ask in asks)
            {
                using var lease = limiter.AttemptAcquire(ask);
                if (lease.IsAcquired)
                {
                    continue;
                }

                if (!lease.TryGetMetadata(MetadataName.RetryAfter, out var pause) || pause <= TimeSpan.Zero)
                {
                    return false;
                }

                time.Advance(pause - TimeSpan.FromMilliseconds(1));
                using (var early = limiter.AttemptAcquire(ask))
                {
                    // A millisecond is less than one permit only below 60,000 permits a minute, which it is here.
                    if (early.IsAcquired && pause > TimeSpan.FromMilliseconds(1))
                    {
                        return false;
                    }
                }

                time.Advance(TimeSpan.FromMilliseconds(1));
                using var again = limiter.AttemptAcquire(ask);
                if (!again.IsAcquired)
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Fact]
    public void UnusedPermits_ComeBackOnce_AndNeverMoreThanAMinutesWorth()
    {
        FakeTimeProvider time = new();
        using MinuteLimiter limiter = new(10, time);
        using var lease = (MinuteLease)limiter.AttemptAcquire(10);

        lease.Settle(4);
        lease.Settle(0);

        Assert.Equal(6, limiter.GetStatistics()!.CurrentAvailablePermits);
        Assert.Null(limiter.IdleDuration);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, limiter.GetStatistics()!.CurrentAvailablePermits);
        Assert.NotNull(limiter.IdleDuration);
    }
}
