using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Reporting;
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

    /// <summary>What opens a breaker is what a report calls the provider's failure.</summary>
    [Fact]
    public void ReportsCountTheSameFailures()
    {
        foreach (var kind in Enum.GetValues<FailureKind>())
        {
            for (var status = kind == FailureKind.Status ? 300 : 599; status < 600; status++)
            {
                ProviderFailure failure = new(kind, status);
                Assert.True(OutageSignals.IsOutage(failure) == AttemptFailure.IsProvidersFailure(failure.Code), failure.Code);
            }
        }

        ProviderFailure residency = new(FailureKind.Status, 400) { IsResidencyMismatch = true };
        Assert.Equal(OutageSignals.IsOutage(residency), AttemptFailure.IsProvidersFailure(residency.Code));
    }

    [Fact]
    public void EveryKindOfFailure_HasACode()
    {
        Assert.All(Enum.GetValues<FailureKind>(), static kind => Assert.NotEmpty(new ProviderFailure(kind, 500).Code));
    }
}
