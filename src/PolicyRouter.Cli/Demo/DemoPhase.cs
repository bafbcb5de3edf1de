using PolicyRouter.Simulator;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Cli.Demo;

/// <summary>One stretch of the replay: what is down while it lasts.</summary>
internal sealed record DemoPhase(string Name, int Requests, IReadOnlyDictionary<string, Fault> Faults)
{
    private static readonly IReadOnlyDictionary<string, Fault> Nothing = new Dictionary<string, Fault>();

    /// <summary>
    /// The outage of 28 April 2026 as it looked from outside: authentication errors, then server errors, then requests that
    /// hang. After it, one whole cloud with everything in it, and the recovery.
    /// </summary>
    public static IReadOnlyList<DemoPhase> Replay { get; } =
    [
        new("all is well", 70, Nothing),
        new("Claude: authentication errors", 30, new Dictionary<string, Fault> { ["claude-anthropic"] = Fault.Unauthorized }),
        new("Claude: server errors", 25, new Dictionary<string, Fault> { ["claude-anthropic"] = Fault.ServerError }),
        new("Claude: hanging", 25, new Dictionary<string, Fault> { ["claude-anthropic"] = Fault.Hang }),
        new(
            "Claude hanging, a whole cloud down", 30,
            new Dictionary<string, Fault> { ["claude-anthropic"] = Fault.Hang, ["azure-gpt4o-eastus"] = Fault.Unavailable }),
        new("all is well again", 25, Nothing),
    ];

    public IReadOnlySet<string> Down => Faults.Keys.ToHashSet(StringComparer.Ordinal);

    public void Apply(SimulatedFleet fleet)
    {
        foreach (var provider in fleet.Providers)
        {
            provider.Behave(Faults.GetValueOrDefault(provider.Name, Fault.None));
        }
    }
}
