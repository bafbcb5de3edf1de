using PolicyRouter.Simulator;

namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>A client library, and a gateway of its own for all tests of a class.</summary>
public abstract class ClientLibrary : IAsyncLifetime
{
    private GatewayUnderTest? _gateway;

    /// <summary>What this machine lacks to run it; null when nothing.</summary>
    public string? Missing { get; protected set; }

    /// <summary>The API it is to speak, where it speaks several.</summary>
    public virtual string? Api => null;

    internal GatewayUnderTest Gateway => _gateway!;

    /// <summary>Asks, if the test says no more, about public information, of which nothing is redacted.</summary>
    internal Task<Outcome> AskAsync(Ask ask) =>
        RunAsync(ask with { Api = Api, Url = Gateway.DataPlane.GetLeftPart(UriPartial.Authority), Token = ask.Token ?? TokenFor("public") });

    /// <summary>A token for data of this class.</summary>
    internal string TokenFor(string dataClass) => Gateway.Stack.Token("clients", "app", floor: dataClass, purpose: "payment", subjects: "us");

    public async Task InitializeAsync()
    {
        await OpenAsync();
        if (Missing is null)
        {
            // Patient deadlines: what ends a stream is the client, also on a busy machine.
            _gateway = await GatewayUnderTest.StartAsync(static options => options.EditPolicies = static policies =>
            {
                var endpoints = Path.Combine(policies, "endpoints.yaml");
                File.WriteAllText(endpoints, File.ReadAllText(endpoints).Replace(
                    "connect: 1s, first token: 1s, between tokens: 2s, total: 3s", "connect: 5s, first token: 20s, between tokens: 20s, total: 40s", StringComparison.Ordinal));
            });
        }
    }

    public async Task DisposeAsync()
    {
        await CloseAsync();
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    /// <summary>The simulated providers, as if nothing had happened yet.</summary>
    internal async Task<SimulatedFleet?> ResetAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.Fleet.ResetAsync();
        }

        return _gateway?.Fleet;
    }

    /// <summary>Carries it out, whatever comes of it.</summary>
    internal abstract Task<Outcome> RunAsync(Ask ask);

    /// <summary>Makes the library ready, or says what is missing.</summary>
    protected virtual Task OpenAsync() => Task.CompletedTask;

    protected virtual Task CloseAsync() => Task.CompletedTask;
}
