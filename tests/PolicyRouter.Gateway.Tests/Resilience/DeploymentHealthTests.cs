using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class DeploymentHealthTests
{
    private static readonly ProviderReply Answered = new ProviderReply.Whole(ReadOnlyMemory<byte>.Empty, new AnswerFacts());

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 4, 28, 9, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task OutageSignals_OpenTheBreaker_AndFurtherAttemptsAreNotSent(int status)
    {
        var health = Boards.Health(_time);
        await FailAsync(health, status, times: 3);

        var sent = false;
        var reply = await health.AttemptAsync("caller", isLastResort: false, _ =>
            {
                sent = true;
                return Task.FromResult(Answered);
            },
            CancellationToken.None);

        Assert.Null(reply);
        Assert.False(sent);
        Assert.Equal("open", health.State);
    }

    /// <summary>Requests were lost in an outage and fail at their deadlines, after it.</summary>
    [Fact]
    public async Task FailuresOfAttemptsSentBeforeTheBreakerClosed_DoNotOpenItAgain()
    {
        var health = Boards.Health(_time);
        TaskCompletionSource<ProviderReply> hanging = new();
        var lost = Enumerable.Range(0, 10)
            .Select(_ => health.AttemptAsync("caller", isLastResort: false, _ => hanging.Task, CancellationToken.None).AsTask())
            .ToList();
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await health.AttemptAsync("caller", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None));

        hanging.SetResult(new ProviderReply.Failed(new ProviderFailure(FailureKind.TotalTimeout)));
        await Task.WhenAll(lost);

        Assert.Equal("closed", health.State);
    }

    /// <summary>9 March 2026: the model refused valid requests for twenty hours, the trials among them.</summary>
    [Fact]
    public async Task TrialThatIsCalledInvalid_CountsAgainstTheDeployment()
    {
        var health = Boards.Health(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));

        var trial = await health.AttemptAsync("caller", isLastResort: false, static _ => Failed(400), CancellationToken.None);

        Assert.True(trial!.CountsAgainst);
        Assert.Equal("open", health.State);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task RequestsThatTheProviderCallsInvalid_NeverOpenTheBreaker(int status)
    {
        var health = Boards.Health(_time);

        await FailAsync(health, status, times: 50);

        Assert.Equal("closed", health.State);
    }

    [Fact]
    public async Task AfterTheBreak_OneTrialIsSent_AndItsSuccessClosesTheBreaker()
    {
        var health = Boards.Health(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));

        var reply = await health.AttemptAsync("caller", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None);

        Assert.Same(Answered, reply?.Reply);
        Assert.Equal("closed", health.State);
    }

    [Fact]
    public async Task WhileATrialIsUnderWay_OtherAttemptsAreNotSent()
    {
        var health = Boards.Health(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));
        TaskCompletionSource<ProviderReply> trial = new();
        var first = health.AttemptAsync("caller", isLastResort: false, _ => trial.Task, CancellationToken.None).AsTask();

        var second = await health.AttemptAsync("caller", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None);
        trial.SetResult(Answered);

        Assert.Null(second);
        Assert.Same(Answered, (await first)?.Reply);
    }

    [Fact]
    public async Task FailedTrials_LengthenTheBreak()
    {
        var health = Boards.Health(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));
        await FailAsync(health, 503, times: 1);
        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.Null(await health.AttemptAsync("caller", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None));

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(await health.AttemptAsync("caller", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None));
    }

    [Fact]
    public async Task StreamsThatBreak_CountAgainstTheDeployment()
    {
        var health = Boards.Health(_time);
        for (var i = 0; i < 3; i++)
        {
            await health.ReportAsync("caller", new ProviderFailure(FailureKind.Cut));
        }

        Assert.True(health.IsOpen);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(422)]
    public async Task RequestsOfSeveralCallersThatItCallsInvalid_OpenTheBreaker_IfItAnswersNobody(int status)
    {
        var health = Boards.Health(_time);
        for (var round = 0; round < 3; round++)
        {
            foreach (var caller in (string[])["a", "b", "c"])
            {
                _ = await health.AttemptAsync(caller, isLastResort: false, _ => Failed(status), CancellationToken.None);
            }
        }

        Assert.Equal("open", health.State);
    }

    [Fact]
    public async Task RequestsOfSeveralCallersThatItCallsInvalid_DoNotOpenTheBreaker_WhileItAnswers()
    {
        var health = Boards.Health(_time);
        for (var round = 0; round < 20; round++)
        {
            foreach (var caller in (string[])["a", "b", "c"])
            {
                await FailAsync(health, 400, times: 1, caller);
            }

            _ = await health.AttemptAsync("d", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None);
        }

        Assert.Equal("closed", health.State);
    }

    [Fact]
    public async Task RateLimitThatOneCallerMeets_DoesNotCount_WhileOthersGetAnswers()
    {
        var health = Boards.Health(_time);
        for (var round = 0; round < 20; round++)
        {
            _ = await health.AttemptAsync("quiet", isLastResort: false, static _ => Task.FromResult(Answered), CancellationToken.None);
            await FailAsync(health, 429, times: 4, "loud");
        }

        Assert.Equal("closed", health.State);
    }

    [Fact]
    public async Task LastResort_LetsOneTrialThroughBeforeItsTime_AndRefusesTheOthers()
    {
        var health = Boards.Health(_time);
        await FailAsync(health, 503, times: 3);
        for (var failedTrial = 0; failedTrial < 3; failedTrial++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await FailAsync(health, 503, times: 1);
        }

        Assert.Null(await health.AttemptAsync("caller", isLastResort: true, static _ => Task.FromResult(Answered), CancellationToken.None));
        _time.Advance(Breaks.BetweenTrials);
        Assert.True(health.IsOpen);
        TaskCompletionSource<ProviderReply> trial = new();
        var first = health.AttemptAsync("caller", isLastResort: true, _ => trial.Task, CancellationToken.None).AsTask();
        var second = await health.AttemptAsync("caller", isLastResort: true, static _ => Task.FromResult(Answered), CancellationToken.None);
        trial.SetResult(Answered);

        Assert.Null(second);
        Assert.Same(Answered, (await first)?.Reply);
        Assert.Equal("closed", health.State);
        Assert.True(health.SlowStart.Share < 1);
    }

    private static Task<ProviderReply> Failed(int status) => Task.FromResult<ProviderReply>(new ProviderReply.Failed(new ProviderFailure(FailureKind.Status, status)));

    private static async Task FailAsync(DeploymentHealth health, int status, int times, string caller = "caller")
    {
        ProviderReply failed = new ProviderReply.Failed(new ProviderFailure(FailureKind.Status, status));
        for (var i = 0; i < times; i++)
        {
            Assert.Same(failed, (await health.AttemptAsync(caller, isLastResort: false, _ => Task.FromResult(failed), CancellationToken.None))?.Reply);
        }
    }
}
