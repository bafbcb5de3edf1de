using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class SlowStartTests
{
    private static readonly ProviderReply Answered = new ProviderReply.Whole(ReadOnlyMemory<byte>.Empty, new AnswerFacts());
    private static readonly ProviderReply Overloaded = new ProviderReply.Failed(new ProviderFailure(FailureKind.Status, 529));

    [Fact]
    public void Share_GrowsFromATenthToAll_AndNeverShrinks() => Gen.Int[1, 20_000].Array[1, 40].Sample(steps =>
    {
        FakeTimeProvider time = new();
        SlowStart start = new(time);
        Assert.Equal(1, start.Share);
        start.Begin();
        var before = start.Share;
        Assert.Equal(0.1, before, precision: 3);
        foreach (var step in steps)
        {
            time.Advance(TimeSpan.FromMilliseconds(step));
            Assert.InRange(start.Share, before, 1);
            before = start.Share;
        }

        time.Advance(SlowStart.Duration);
        Assert.Equal(1, start.Share);
    });

    [Fact]
    public void AttemptsAtOnce_DoubleEveryFiveSeconds_AndEveryLeaveMakesRoom()
    {
        FakeTimeProvider time = new();
        SlowStart start = new(time);
        start.Begin();

        Assert.True(start.TryEnter(out var first));
        Assert.True(start.TryEnter(out _));
        Assert.False(start.TryEnter(out _));
        start.Leave(first);
        Assert.True(start.TryEnter(out _));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(start.TryEnter(out _));
        Assert.True(start.TryEnter(out _));
        Assert.False(start.TryEnter(out _));
        time.Advance(SlowStart.Duration);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(start.TryEnter(out _)));
    }

    [Fact]
    public void AttemptsFromBeforeTheStart_TakeNoPlaces_AndMakeNone()
    {
        SlowStart start = new(new FakeTimeProvider());
        var hanging = Enumerable.Range(0, 10).Select(_ =>
        {
            Assert.True(start.TryEnter(out var before));
            return before;
        }).ToList();
        start.Begin();

        Assert.True(start.TryEnter(out _));
        Assert.True(start.TryEnter(out _));
        hanging.ForEach(start.Leave);
        Assert.False(start.TryEnter(out _));
    }

    /// <summary>Five thousand callers with nowhere else to go, and a provider that can serve what a cold one can: twice as much every five seconds.</summary>
    [Fact]
    public async Task RecoveryHerd_DoesNotTripTheBreakerAgain()
    {
        const int Callers = 5_000;
        FakeTimeProvider time = new();
        var health = Boards.Health(time);
        for (var i = 0; i < 3; i++)
        {
            await health.ReportAsync("caller", new ProviderFailure(FailureKind.Status, 529));
        }

        time.Advance(TimeSpan.FromSeconds(6));
        var (waiting, refusedByProvider, seconds) = (Callers, 0, 0);
        while (waiting > 0)
        {
            // Each second whoever still waits asks; an answer takes the second.
            var capacity = 8 << Math.Min(seconds / 5, 12);
            var (underWay, sent) = (0, 0);
            TaskCompletionSource answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var asked = Enumerable.Range(0, waiting).Select(_ => health.AttemptAsync(
                "caller",
                isLastResort: false,
                async _ =>
                {
                    sent++;
                    if (++underWay > capacity)
                    {
                        refusedByProvider++;
                        return Overloaded;
                    }

                    await answers.Task;
                    return Answered;
                },
                CancellationToken.None).AsTask()).ToList();
            answers.SetResult();
            var replies = await Task.WhenAll(asked);
            waiting -= replies.Count(static reply => reply?.Reply == Answered);
            Assert.True(sent > 0, "nobody was let through");
            time.Advance(TimeSpan.FromSeconds(1));
            seconds++;
        }

        Assert.Equal(0, refusedByProvider);
        Assert.Equal("closed", health.State);
        Assert.InRange(seconds, 10, 60);
    }
}
