using System.Security.Cryptography;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Simulator;

namespace PolicyRouter.Cli.Demo;

/// <summary>
/// All that a gateway needs but a database: a development folder whose policies point at simulated providers, the keys, and the providers, which run in this process.
/// </summary>
internal sealed class SimulatedFolder : IAsyncDisposable
{
    private readonly DevelopmentTokens _tokens;

    private SimulatedFolder(string path, SimulatedFleet fleet, ECDsa key, TimeProvider time)
    {
        Path = path;
        Fleet = fleet;
        Key = key;
        _tokens = new DevelopmentTokens(key, time);
    }

    public string Path { get; }
    public SimulatedFleet Fleet { get; }

    /// <summary>Signs development tokens.</summary>
    public ECDsa Key { get; }
    public DevelopmentHome Home => DevelopmentHome.OpenAt(Path);

    /// <summary>The copied policy folder.</summary>
    public string Policies => PoliciesIn(Path);

    public static async Task<SimulatedFolder> CreateAsync(SimulatedStackOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("policyrouter-stack-").FullName;
        var keys = Directory.CreateDirectory(System.IO.Path.Combine(folder, "keys")).FullName;
        var fleet = await SimulatedFleet.StartAsync(
            [.. SimulatedEndpoints.Of(options.PoliciesFolder)
                .Select(endpoint => options.Provider(new ProviderProfile(endpoint.Deployment, endpoint.Wire, endpoint.Model)))],
            options.Time,
            cancellationToken);
        Dictionary<string, RebasedEndpoint> endpoints = new(StringComparer.Ordinal);
        foreach (var provider in fleet.Providers)
        {
            var file = System.IO.Path.Combine(keys, provider.Name);
            await File.WriteAllTextAsync(file, provider.Credential, cancellationToken);
            endpoints[provider.Name] = new RebasedEndpoint(options.Address(provider), file);
        }

        SimulatedEndpoints.CopyRebased(options.PoliciesFolder, PoliciesIn(folder), endpoints);
        options.EditPolicies(PoliciesIn(folder));
        return new SimulatedFolder(folder, fleet, DevelopmentHome.OpenAt(folder).OpenSigningKey(), options.Time);
    }

    /// <summary>A development token, good for an hour.</summary>
    public string Token(Caller caller) => _tokens.Create(caller, TimeSpan.FromHours(1));

    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        Key.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    private static string PoliciesIn(string folder) => System.IO.Path.Combine(folder, "policies");
}
