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

    /// <summary>How far <see cref="Time"/> may be from the database's clock; null is the log's own default.</summary>
    public TimeSpan? ClockTolerance { get; set; }
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
    private readonly SimulatedFolder _folder;

    private SimulatedStack(SimulatedFolder folder, GatewayHost gateway, string connectionString)
    {
        _folder = folder;
        Gateway = gateway;
        ConnectionString = connectionString;
    }

    public SimulatedFleet Fleet => _folder.Fleet;
    public GatewayHost Gateway { get; }
    public Uri DataPlane => Gateway.DataPlaneUrls[0];
    public Uri ControlPlane => Gateway.ControlPlaneUrls[0];
    public string ConnectionString { get; }

    /// <summary>The stack's own development folder: keys, kept checkpoints.</summary>
    public DevelopmentHome Home => _folder.Home;

    /// <summary>The copied policy folder that the gateway watches.</summary>
    public string Policies => _folder.Policies;

    public static async Task<SimulatedStack> StartAsync(SimulatedStackOptions options, CancellationToken cancellationToken)
    {
        var folder = await SimulatedFolder.CreateAsync(options, cancellationToken);
        var home = folder.Home;
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Audit:SigningKey"] = "file:" + home.OpenCheckpointKey(),
            ["Audit:CheckpointFolder"] = home.CheckpointFolder,
        };
        foreach (var (name, value) in options.Settings(folder.Path))
        {
            settings[name] = value;
        }

        settings["Policies:Path"] = folder.Policies;
        settings["Audit:ConnectionString"] = options.ConnectionString;
        settings["Audit:Shard"] = "simulated";
        settings["Authentication:DevelopmentKey"] = folder.Key.ExportSubjectPublicKeyInfoPem();
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
                ClockTolerance = options.ClockTolerance,
            },
            cancellationToken);
        return new SimulatedStack(folder, gateway, options.ConnectionString);
    }

    /// <summary>The public half of the key that signs the stack's development tokens.</summary>
    public SecurityKey VerificationKey => ConsoleCommand.PublicHalf(_folder.Key);

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
    public string Token(Caller caller) => _folder.Token(caller);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _folder.DisposeAsync();
    }
}
