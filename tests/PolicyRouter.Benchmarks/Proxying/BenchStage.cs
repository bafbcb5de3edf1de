using System.Globalization;
using System.Text.RegularExpressions;
using PolicyRouter.Cli;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Simulator;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>
/// Simulated providers in this process, and what stands before them in processes of their own on the first core: PolicyRouter with everything on (token, policy,
/// detection, redaction, durable decision in PostgreSQL), and bare proxies that forward and do nothing else.
/// </summary>
internal sealed partial class BenchStage : IAsyncDisposable
{
    /// <summary>The first permitted target of what the load asks for.</summary>
    public const string Deployment = "azure-gpt4o-eastus";

    /// <summary>A route of the shipped policies, so that there is somewhere to fail over to.</summary>
    public const string Route = "clinical-chat";

    /// <summary>The first target of <see cref="Route"/>.</summary>
    public const string Primary = "claude-anthropic";

    private const string Unlimited = "100000";
    private const string ChatPath = "/openai/v1/chat/completions";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("policyrouter-bench-");
    private readonly Uri _upstream;
    private readonly string _assembly;
    private readonly Dictionary<string, string> _providerKey;
    private readonly List<Contender> _contenders = [];
    private readonly Dictionary<GatewayVariant, GatewayPlace> _places = [];

    private BenchStage(SimulatedFleet fleet, Uri? provider, string assembly)
    {
        _assembly = assembly;
        Fleet = fleet;
        _upstream = provider ?? fleet[Deployment].BaseUrl;
        _providerKey = new() { ["api-key"] = fleet[Deployment].Credential! };
    }

    public SimulatedFleet Fleet { get; }

    /// <summary>Pins this process, which runs load and providers, to the second core.</summary>
    /// <param name="provider">Who answers for <see cref="Deployment"/>; null for the simulated one.</param>
    /// <param name="published">The assembly of a published gateway; null for the one that was built with the benchmarks.</param>
    public static async Task<BenchStage> StartAsync(Uri? provider = null, string? published = null)
    {
        if ((OperatingSystem.IsLinux() || OperatingSystem.IsWindows()) && Environment.ProcessorCount > 1)
        {
            System.Diagnostics.Process.GetCurrentProcess().ProcessorAffinity = 2;
        }

        var fleet = await SimulatedFleet.StartAsync(
            [.. SimulatedEndpoints.Of(Path.Combine(Repository.Root, "policies")).Select(static endpoint => new ProviderProfile(endpoint.Deployment, endpoint.Wire, endpoint.Model))]);
        foreach (var simulated in fleet.Providers)
        {
            simulated.Recording = false;
        }

        return new BenchStage(fleet, provider, published ?? typeof(DevelopmentHome).Assembly.Location);
    }

    public Contender Direct() => Keep(Contender.Direct(new Uri(_upstream, ChatPath), Fleet[Deployment].Model, _providerKey));

    public async Task<Contender> YarpAsync()
    {
        var listen = FreeAddress();
        return Keep(await Contender.StartAsync(
            "YARP passthrough", "dotnet", [typeof(BenchStage).Assembly.Location, "yarp", listen.ToString(), _upstream.ToString()],
            new Dictionary<string, string>(), new Uri(listen, "/openai/v1/models"), new Uri(listen, ChatPath), Fleet[Deployment].Model, _providerKey));
    }

    /// <summary>nginx with one worker and connections kept open; null when it is not on the path.</summary>
    public async Task<Contender?> NginxAsync()
    {
        if (NginxPassthrough.Find() is not { } nginx)
        {
            return null;
        }

        var listen = FreeAddress();
        return Keep(await Contender.StartAsync(
            "nginx passthrough", nginx, NginxPassthrough.Arguments(_folder.CreateSubdirectory("nginx").FullName, listen, _upstream),
            new Dictionary<string, string>(), new Uri(listen, "/openai/v1/models"), new Uri(listen, ChatPath), Fleet[Deployment].Model, _providerKey));
    }

    /// <summary>The gateway with the shipped policies, in front of the simulated providers.</summary>
    /// <param name="total">How long an answer may take.</param>
    /// <param name="waitsUntilReady">False to come back as soon as the process has been started.</param>
    /// <param name="variant">Null for the whole of it. A variant that is started again finds what it had.</param>
    public async Task<BenchedGateway> GatewayAsync(TimeSpan? total = null, bool waitsUntilReady = true, GatewayVariant? variant = null)
    {
        variant ??= GatewayVariant.Complete;
        if (!_places.TryGetValue(variant, out var place))
        {
            _places[variant] = place = await PrepareAsync(variant, total);
        }

        var listen = FreeAddress();
        var control = FreeAddress();
        var process = await Contender.StartAsync(
            variant.Name, "dotnet",
            [_assembly, "serve", "--dev", "--policies", place.Policies, "--urls", listen.ToString(), "--control-urls", control.ToString()],
            new Dictionary<string, string>
            {
                ["POLICYROUTER_HOME"] = place.Home,

                // One app makes all of the load.
                ["POLICYROUTER__Limits__MaxInFlight"] = Unlimited, ["POLICYROUTER__Limits__MaxInFlightPerApp"] = Unlimited, ["POLICYROUTER__Limits__MaxInFlightPerDeployment"] = Unlimited,
            },
            waitsUntilReady ? new Uri(listen, "/readyz") : null, new Uri(listen, "/v1/chat/completions"), Deployment,
            new Dictionary<string, string> { ["Authorization"] = $"Bearer {place.AppToken}" });
        return new BenchedGateway(Keep(process), place.Home, new Uri(listen, "/readyz"), new Uri(control, "/metrics"), place.OperatorToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in _contenders)
        {
            await contender.DisposeAsync();
        }

        await Fleet.DisposeAsync();
        foreach (var place in _places.Values)
        {
            foreach (var data in BenchedGateway.ClusterFolders(place.Home).Where(Directory.Exists))
            {
                Directory.Delete(data, recursive: true);
            }

            place.Folder.Delete(recursive: true);
        }

        _folder.Delete(recursive: true);
    }

    private static (string App, string Operator) TokensOf(string home)
    {
        using var signingKey = DevelopmentHome.OpenAt(home).OpenSigningKey();
        DevelopmentTokens tokens = new(signingKey, TimeProvider.System);
        var app = tokens.Create(
            new Caller { App = "benchmark", Roles = ["app"], FloorClasses = ["phi"], Purposes = ["treatment"], DataSubjects = ["us"] }, TimeSpan.FromHours(3));
        return (app, tokens.Create(new Caller { App = "benchmark-operator", Roles = ["operator"] }, TimeSpan.FromHours(3)));
    }

    private async Task<GatewayPlace> PrepareAsync(GatewayVariant variant, TimeSpan? total)
    {
        var folder = variant.CreateFolder();
        var (home, policies) = (Path.Combine(folder.FullName, "home"), Path.Combine(folder.FullName, "policies"));
        await WritePoliciesAsync(policies, variant, total);
        var (app, operators) = TokensOf(home);
        variant.Open(home);
        return new GatewayPlace(folder, home, policies, app, operators);
    }

    private async Task WritePoliciesAsync(string policies, GatewayVariant variant, TimeSpan? total)
    {
        Dictionary<string, RebasedEndpoint> endpoints = new(StringComparer.Ordinal);
        foreach (var provider in Fleet.Providers)
        {
            var key = Path.Combine(_folder.FullName, $"{provider.Name}.key");
            await File.WriteAllTextAsync(key, provider.Credential);
            endpoints[provider.Name] = new RebasedEndpoint(provider.Name == Deployment ? _upstream : provider.BaseUrl, key);
        }

        SimulatedEndpoints.CopyRebased(Path.Combine(Repository.Root, "policies"), policies, endpoints);
        if (total is { } longer)
        {
            var file = Path.Combine(policies, "endpoints.yaml");
            await File.WriteAllTextAsync(file, Timeouts().Replace(
                await File.ReadAllTextAsync(file),
                string.Create(CultureInfo.InvariantCulture, $"timeouts: {{connect: 5s, first token: 30s, between tokens: 30s, total: {longer.TotalSeconds:F0}s}}")));
        }

        if (!variant.Redacts)
        {
            // The pack's own cases are about the pack as it ships.
            Directory.Delete(Path.Combine(policies, "tests"), recursive: true);
            foreach (var file in Directory.EnumerateFiles(Path.Combine(policies, "rules"), "*.yaml"))
            {
                await File.WriteAllTextAsync(file, Redacting().Replace(await File.ReadAllTextAsync(file), "duty: {audit: standard}"));
            }
        }
    }

    private Contender Keep(Contender contender)
    {
        _contenders.Add(contender);
        return contender;
    }

    private static Uri FreeAddress() => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Contender.FreePort()}"));

    [GeneratedRegex("timeouts: {[^}]*}", RegexOptions.CultureInvariant)]
    private static partial Regex Timeouts();

    [GeneratedRegex("duty: {redact: [^}]*}", RegexOptions.CultureInvariant)]
    private static partial Regex Redacting();

    /// <summary>What a gateway keeps between two starts.</summary>
    private sealed record GatewayPlace(DirectoryInfo Folder, string Home, string Policies, string AppToken, string OperatorToken);
}
