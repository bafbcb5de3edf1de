using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;

namespace PolicyRouter.Gateway.Tests.Resilience;

public sealed class OutageSignalTests
{
    [Fact]
    public void RequestThatCannotBeWrittenInAWireFormat_DoesNotCountAgainstTheDeployment()
    {
        ProviderFailure failure = new(FailureKind.NotCarried);

        Assert.False(OutageSignals.IsOutage(failure));
        Assert.Equal("request_not_carried", failure.Code);
    }

    [Fact]
    public async Task TrialWhoseCallerLeaves_DoesNotCloseTheBreaker()
    {
        FakeTimeProvider time = new();
        var health = Boards.Health(time);
        for (var failure = 0; failure < 3; failure++)
        {
            await health.ReportAsync("caller", new ProviderFailure(FailureKind.FirstTokenTimeout));
        }

        time.Advance(TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => health.AttemptAsync("caller", isLastResort: false, static _ => throw new OperationCanceledException(), CancellationToken.None).AsTask());

        Assert.True(health.IsOpen);
    }

    [Fact]
    public void EveryKindOfFailure_HasACode()
    {
        Assert.All(Enum.GetValues<FailureKind>(), static kind => Assert.NotEmpty(new ProviderFailure(kind, 500).Code));
    }
}
