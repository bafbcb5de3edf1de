using CsCheck;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public sealed class RefusalsTests
{
    private static readonly Gen<FailedAttempt> Failed = Gen.Select(Gen.Int[0, 86_400_000], Gen.Bool)
        .Select(static (asked, says) => new FailedAttempt("d", new ProviderFailure(FailureKind.Status, 503, says ? TimeSpan.FromMilliseconds(asked) : null)));

    [Fact]
    public void Pause_IsNeverBeforeTheFirstMayBeBack_NeverLong_AndSpread() =>
        Gen.Select(Failed.Array[0, 6], Gen.Double[0, 1]).Sample(static (failures, jitter) =>
        {
            var pause = Refusals.PauseAfter(failures, jitter);
            var soonest = failures.Length == 0 ? TimeSpan.Zero : failures.Min(static failed => failed.Failure.RetryAfter ?? TimeSpan.Zero);
            return pause >= TimeSpan.FromSeconds(2)
                && (pause >= soonest || soonest > TimeSpan.FromMinutes(1))
                && pause <= TimeSpan.FromSeconds(124)
                && Refusals.PauseAfter(failures, 1) - Refusals.PauseAfter(failures, 0) >= TimeSpan.FromSeconds(6);
        });
}
