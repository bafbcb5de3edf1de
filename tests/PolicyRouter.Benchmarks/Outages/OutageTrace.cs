using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>An outage as it looked from outside, compressed in time.</summary>
/// <param name="Facts">What is known of it, in a few words, and what was assumed.</param>
internal sealed record OutageTrace(string Name, string Facts, IReadOnlyList<OutagePhase> Phases)
{
    public TimeSpan Length => TimeSpan.FromTicks(Phases.Sum(static phase => phase.Length.Ticks));

    /// <summary>The same phases, each this many times as long.</summary>
    public OutageTrace Stretched(double times) => this with { Phases = [.. Phases.Select(phase => phase with { Length = phase.Length * times })] };

    /// <summary>The phase at a time from the start; what comes after the last one is the last one.</summary>
    public OutagePhase At(TimeSpan elapsed)
    {
        foreach (var phase in Phases)
        {
            elapsed -= phase.Length;
            if (elapsed < TimeSpan.Zero)
            {
                return phase;
            }
        }

        return Phases[^1];
    }
}

/// <summary>One stretch of an outage.</summary>
/// <param name="IsRegionLoss">A whole region answers nothing while it lasts.</param>
internal sealed record OutagePhase(TimeSpan Length, IReadOnlyList<Ailment> Ailments, bool IsRegionLoss = false);

/// <summary>What is wrong with a deployment, or with everything in a failure domain.</summary>
/// <param name="Where">A deployment's id or a failure domain's name.</param>
/// <param name="Share">The part of the requests that meet it.</param>
/// <param name="IsSticky">The part of the users instead: one user's requests all meet it, or none.</param>
internal sealed record Ailment(string Where, Fault Fault, double Share = 1, bool IsSticky = false);
