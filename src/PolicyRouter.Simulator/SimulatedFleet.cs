using PolicyRouter.Simulator.Receiving;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator;

/// <summary>Providers on loopback ports in this process. Dispose it to close every connection at once.</summary>
/// <example>
/// <code>
/// await using var fleet = await SimulatedFleet.StartAsync([new("azure-eastus", ProviderWire.AzureOpenAi, "gpt-4o")]);
/// fleet["azure-eastus"].Behave(Fault.Overloaded);
/// </code>
/// </example>
public sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly FleetServer _server;

    private SimulatedFleet(IReadOnlyList<SimulatedProvider> providers, FleetServer server)
    {
        Providers = providers;
        _server = server;
    }

    /// <summary>In the order of the profiles.</summary>
    public IReadOnlyList<SimulatedProvider> Providers { get; }

    /// <summary>What all of them received, in the order in which it came in.</summary>
    public IReadOnlyList<ReceivedRequest> Received =>
        [.. Providers.SelectMany(provider => provider.Received).OrderBy(request => request.Order)];

    /// <summary>
    /// Exceptions that no fault asked for: a bug here, or one thrown by a function given to <see cref="SimulatedProvider.AnswerWith"/>.
    /// The client saw a bare 500. Tests expect none.
    /// </summary>
    public IReadOnlyCollection<Exception> UnexpectedErrors => _server.UnexpectedErrors;

    /// <exception cref="KeyNotFoundException">No provider has this name.</exception>
    public SimulatedProvider this[string name] =>
        Providers.FirstOrDefault(provider => provider.Name == name) ?? throw new KeyNotFoundException($"The fleet has no provider named {name}.");

    /// <summary>Starts one provider per profile; returns when all of them accept connections.</summary>
    /// <param name="time">Clock of all delays and timestamps; the system's unless given.</param>
    /// <exception cref="ArgumentException">Two profiles share a name.</exception>
    /// <exception cref="IOException">A port asked for is taken.</exception>
    public static async Task<SimulatedFleet> StartAsync(
        IReadOnlyList<ProviderProfile> profiles,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        if (profiles.GroupBy(profile => profile.Name).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw new ArgumentException($"Two providers are named {twins.Key}.", nameof(profiles));
        }

        long order = 0;
        List<SimulatedProvider> providers =
            [.. profiles.Select(profile => new SimulatedProvider(profile, time ?? TimeProvider.System, () => Interlocked.Increment(ref order)))];
        var server = await FleetServer.StartAsync(providers, cancellationToken);
        return new SimulatedFleet(providers, server);
    }

    /// <summary>All providers start again from nothing received, healthy, and with the echo answer.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken = default)
    {
        foreach (var provider in Providers)
        {
            provider.Recover();
            provider.AnswerWith(null);
            await provider.ClearAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
