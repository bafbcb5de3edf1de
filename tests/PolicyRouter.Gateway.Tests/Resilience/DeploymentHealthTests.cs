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
        DeploymentHealth health = new(_time);
        await FailAsync(health, status, times: 3);

        var sent = false;
        var reply = await health.AttemptAsync(
            _ =>
            {
                sent = true;
                return Task.FromResult(Answered);
            },
            CancellationToken.None);

        Assert.Null(reply);
        Assert.False(sent);
        Assert.Equal("open", health.State);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task RequestsThatTheProviderCallsInvalid_NeverOpenTheBreaker(int status)
    {
        DeploymentHealth health = new(_time);

        await FailAsync(health, status, times: 50);

        Assert.Equal("closed", health.State);
    }

    [Fact]
    public async Task AfterTheBreak_OneTrialIsSent_AndItsSuccessClosesTheBreaker()
    {
        DeploymentHealth health = new(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));

        var reply = await health.AttemptAsync(static _ => Task.FromResult(Answered), CancellationToken.None);

        Assert.Same(Answered, reply);
        Assert.Equal("closed", health.State);
    }

    [Fact]
    public async Task WhileATrialIsUnderWay_OtherAttemptsAreNotSent()
    {
        DeploymentHealth health = new(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));
        TaskCompletionSource<ProviderReply> trial = new();
        var first = health.AttemptAsync(_ => trial.Task, CancellationToken.None).AsTask();

        var second = await health.AttemptAsync(static _ => Task.FromResult(Answered), CancellationToken.None);
        trial.SetResult(Answered);

        Assert.Null(second);
        Assert.Same(Answered, await first);
    }

    [Fact]
    public async Task FailedTrials_LengthenTheBreak()
    {
        DeploymentHealth health = new(_time);
        await FailAsync(health, 503, times: 3);
        _time.Advance(TimeSpan.FromSeconds(6));
        await FailAsync(health, 503, times: 1);
        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.Null(await health.AttemptAsync(static _ => Task.FromResult(Answered), CancellationToken.None));

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(await health.AttemptAsync(static _ => Task.FromResult(Answered), CancellationToken.None));
    }

    [Fact]
    public async Task StreamsThatBreak_CountAgainstTheDeployment()
    {
        DeploymentHealth health = new(_time);
        for (var i = 0; i < 3; i++)
        {
            await health.ReportAsync(new ProviderFailure(FailureKind.Cut));
        }

        Assert.True(health.IsOpen);
    }

    private static async Task FailAsync(DeploymentHealth health, int status, int times)
    {
        ProviderReply failed = new ProviderReply.Failed(new ProviderFailure(FailureKind.Status, status));
        for (var i = 0; i < times; i++)
        {
            Assert.Same(failed, await health.AttemptAsync(_ => Task.FromResult(failed), CancellationToken.None));
        }
    }
}
