namespace PolicyRouter.Simulator.Tests;

/// <summary>A fleet and a client per test.</summary>
public abstract class FleetTests : IAsyncLifetime, IDisposable
{
    private readonly Client _client = new();
    private SimulatedFleet? _fleet;

    internal Client Client => _client;

    protected virtual TimeProvider Time => TimeProvider.System;

    protected abstract IReadOnlyList<ProviderProfile> Profiles { get; }

    protected SimulatedFleet Fleet => _fleet!;

    /// <summary>The first of the fleet.</summary>
    protected SimulatedProvider Provider => Fleet.Providers[0];

    public async Task InitializeAsync() => _fleet = await SimulatedFleet.StartAsync(Profiles, Time);

    public async Task DisposeAsync()
    {
        await Fleet.DisposeAsync();
        Assert.Empty(Fleet.UnexpectedErrors);
    }

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }
}
