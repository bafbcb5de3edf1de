using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Simulator;

namespace PolicyRouter.Cli.Demo;

/// <summary>What a simulated stack is made of.</summary>
internal sealed class SimulatedStackOptions
{
    /// <summary>The policy folder to copy; its endpoints are pointed at simulated providers.</summary>
    public required string PoliciesFolder { get; init; }
    public required string ConnectionString { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;
    public IReadOnlyList<string> DataPlaneUrls { get; set; } = ["http://127.0.0.1:0"];
    public IReadOnlyList<string> ControlPlaneUrls { get; set; } = ["http://127.0.0.1:0"];

    /// <summary>Changes the copied policy folder before the gateway reads it.</summary>
    public Action<string> EditPolicies { get; set; } = static _ => { };

    /// <summary>Changes what a simulated provider is.</summary>
    public Func<ProviderProfile, ProviderProfile> Provider { get; set; } = static profile => profile;

    /// <summary>Where the gateway finds a provider: at its own address, unless something stands between them.</summary>
    public Func<SimulatedProvider, Uri> Address { get; set; } = static provider => provider.BaseUrl;

    /// <summary>Further settings of the gateway, given the stack's own folder, in which <c>policies</c> lies.</summary>
    public Func<string, Dictionary<string, string?>> Settings { get; set; } = static _ => [];

    /// <summary>Adds services to the gateway, after its own.</summary>
    public Action<Microsoft.Extensions.DependencyInjection.IServiceCollection>? ConfigureServices { get; set; }
}

/// <summary>
/// The gateway as it is, and a simulated provider for each endpoint of a policy folder, all in this process on loopback. Rules,
/// registry, classes and routes are the folder's own.
/// </summary>
internal sealed class SimulatedStack : IAsyncDisposable
{
    private readonly string _folder;
    private readonly DevelopmentTokens _tokens;
    private readonly ECDsa _key;

    private SimulatedStack(string folder, SimulatedFleet fleet, GatewayHost gateway, ECDsa key, SimulatedStackOptions options)
    {
        _folder = folder;
        _key = key;
        _tokens = new DevelopmentTokens(key, options.Time);
        Fleet = fleet;
        Gateway = gateway;
        ConnectionString = options.ConnectionString;
    }

    public SimulatedFleet Fleet { get; }
    public GatewayHost Gateway { get; }
    public Uri DataPlane => Gateway.DataPlaneUrls[0];
    public Uri ControlPlane => Gateway.ControlPlaneUrls[0];
    public string ConnectionString { get; }

    /// <summary>The stack's own development folder: keys, kept checkpoints.</summary>
    public DevelopmentHome Home => DevelopmentHome.OpenAt(_folder);

    /// <summary>The copied policy folder that the gateway watches.</summary>
    public string Policies => Path.Combine(_folder, "policies");

    public static async Task<SimulatedStack> StartAsync(SimulatedStackOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("policyrouter-stack-").FullName;
        var keys = Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName;
        var fleet = await SimulatedFleet.StartAsync(
            [.. SimulatedEndpoints.Of(options.PoliciesFolder)
                .Select(endpoint => options.Provider(new ProviderProfile(endpoint.Deployment, endpoint.Wire, endpoint.Model)))],
            options.Time,
            cancellationToken);
        Dictionary<string, RebasedEndpoint> endpoints = new(StringComparer.Ordinal);
        foreach (var provider in fleet.Providers)
        {
            var file = Path.Combine(keys, provider.Name);
            await File.WriteAllTextAsync(file, provider.Credential, cancellationToken);
            endpoints[provider.Name] = new RebasedEndpoint(options.Address(provider), file);
        }

        var policies = Path.Combine(folder, "policies");
        SimulatedEndpoints.CopyRebased(options.PoliciesFolder, policies, endpoints);
        options.EditPolicies(policies);
        var home = DevelopmentHome.OpenAt(folder);
        var key = home.OpenSigningKey();
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Audit:SigningKey"] = "file:" + home.OpenCheckpointKey(),
            ["Audit:CheckpointFolder"] = home.CheckpointFolder,
        };
        foreach (var (name, value) in options.Settings(folder))
        {
            settings[name] = value;
        }

        settings["Policies:Path"] = policies;
        settings["Audit:ConnectionString"] = options.ConnectionString;
        settings["Audit:Shard"] = "simulated";
        settings["Authentication:DevelopmentKey"] = key.ExportSubjectPublicKeyInfoPem();
        settings["Limits:ShutdownSeconds"] = "5";
        var gateway = await GatewayHost.StartAsync(
            new GatewayHostOptions
            {
                Development = true,
                Urls = options.DataPlaneUrls,
                ControlUrls = options.ControlPlaneUrls,
                Settings = settings,
                ReadAmbientConfiguration = false,
                HandleSignals = false,
                LogToConsole = false,
                ConfigureServices = options.ConfigureServices,
                Time = options.Time,
            },
            cancellationToken);
        return new SimulatedStack(folder, fleet, gateway, key, options);
    }

    /// <summary>The public half of the key that signs the stack's development tokens.</summary>
    public SecurityKey VerificationKey => ConsoleCommand.PublicHalf(_key);

    /// <summary>A development token for this gateway.</summary>
    public string Token(string app, string role, string? floor = null, string? purpose = null, string? subjects = null) => Token(new Caller
    {
        App = app,
        Roles = [role],
        FloorClasses = floor is null ? [] : [floor],
        Purposes = purpose is null ? [] : [purpose],
        DataSubjects = subjects is null ? [] : [subjects],
    });

    /// <summary>A development token for this gateway.</summary>
    public string Token(Caller caller) => _tokens.Create(caller, TimeSpan.FromHours(1));

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Fleet.DisposeAsync();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
