using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Gateway.Resilience;

namespace PolicyRouter.Gateway.Tests.Resilience;

/// <summary>Boards as the host makes them, with the test's clock and seed.</summary>
internal static class Boards
{
    public static HealthSignals Signals() =>
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>(), NullLogger<HealthSignals>.Instance);

    public static HealthBoard New(TimeProvider time) => new(time, Signals());

    public static DeploymentHealth Health(TimeProvider time) => new("deployment", time, Signals());

    public static Chance Chance(int seed = 1) => new(new Random(seed));

    public static AttemptPlanner Planner(HealthBoard board, int seed = 1) => new(board, Chance(seed));
}
