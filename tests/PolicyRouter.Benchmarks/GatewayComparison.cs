using System.Globalization;
using PolicyRouter.Cli;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Simulator;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks;

/// <summary>
/// Direct calls, a bare YARP proxy and PolicyRouter with everything on (token, policy, detection, redaction, durable decision in
/// PostgreSQL), in turn, on the same simulated provider and the same bodies.
/// </summary>
internal static class GatewayComparison
{
    private const string Deployment = "azure-gpt4o-eastus";

    private static readonly (string Name, int Bytes, bool Stream, bool Identifiers)[] Bodies =
    [
        ("1 KB", 1_024, false, false),
        ("4 KB", 4_096, false, false),
        ("32 KB", 32_768, false, false),
        ("1 KB, 4 identifiers", 1_024, false, true),
        ("1 KB, stream", 1_024, true, false),
    ];

    public static async Task RunAsync(TimeSpan stretch, int rounds, int callers, string only = "", string shapes = "")
    {
        PinToSecondCore();
        var folder = Directory.CreateTempSubdirectory("policyrouter-bench-");
        try
        {
            await using var fleet = await SimulatedFleet.StartAsync(
                [.. SimulatedEndpoints.Of(Path.Combine(Repository.Root, "policies")).Select(static endpoint => new ProviderProfile(endpoint.Deployment, endpoint.Wire, endpoint.Model))]);
            foreach (var simulated in fleet.Providers)
            {
                simulated.Recording = false;
            }

            var provider = fleet[Deployment];
            Uri upstream = new(provider.BaseUrl, "/openai/v1/chat/completions");
            Dictionary<string, string> providerKey = new() { ["api-key"] = provider.Credential! };
            await using var direct = Contender.Direct(upstream, provider.Model, providerKey);
            await using var yarp = await StartYarpAsync(provider, providerKey);
            await using var gateway = await StartGatewayAsync(fleet, folder.FullName);
            Contender[] contenders = [.. new[] { direct, yarp, gateway }.Where(contender => contender.Name.Contains(only, StringComparison.Ordinal))];
            Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {callers} callers, {rounds} rounds of {stretch.TotalSeconds:F0} s, medians");
            Console.WriteLine();
            foreach (var shape in Bodies.Where(shape => shape.Name.Contains(shapes, StringComparison.Ordinal)))
            {
                await CompareAsync(contenders, shape, stretch, rounds, callers);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(
        Contender[] contenders, (string Name, int Bytes, bool Stream, bool Identifiers) shape, TimeSpan stretch, int rounds, int callers)
    {
        List<LoadGenerator> loads =
            [.. contenders.Select(contender => new LoadGenerator(contender, Benchmarks.Bodies.Chat(contender.Model, shape.Bytes, shape.Stream, shape.Identifiers)))];
        var closed = contenders.Select(static _ => new List<LoadResult>()).ToArray();
        var open = contenders.Select(static _ => new List<LoadResult>()).ToArray();
        foreach (var load in loads)
        {
            await load.ClosedLoopAsync(callers, stretch);
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contenders.Length; i++)
            {
                closed[i].Add(await loads[i].ClosedLoopAsync(callers, stretch));
                open[i].Add(await loads[i].OpenLoopAsync(perSecond: 50, stretch));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shape.Name,-22} {"requests/s",10} {"CPU us/req",11} {"of YARP's capacity",19} {"p50 us @50/s",13} {"p99 us @50/s",13} {"RSS MiB",8}"));
        var yarpCpu = contenders.Length < 2 ? 0 : Median(closed[1], static result => result.CpuPerRequest);
        for (var i = 0; i < contenders.Length; i++)
        {
            var cpu = Median(closed[i], static result => result.CpuPerRequest);
            var share = cpu == 0 ? "" : (yarpCpu / cpu).ToString("F2", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {contenders[i].Name,-20} {Median(closed[i], static result => result.PerSecond),10:F0} {cpu,11:F0} {share,19} {Median(open[i], static result => result.Percentile(0.5)),13:F0} {Median(open[i], static result => result.Percentile(0.99)),13:F0} {ProcessCpu.ResidentMiB(contenders[i].Process),8:F0}"));
        }

        Console.WriteLine();
        loads.ForEach(static load => load.Dispose());
    }

    private static double Median(List<LoadResult> results, Func<LoadResult, double> figure) => results.Select(figure).Order().ElementAt(results.Count / 2);

    private static Task<Contender> StartYarpAsync(SimulatedProvider provider, IReadOnlyDictionary<string, string> headers)
    {
        Uri listen = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Contender.FreePort()}"));
        return Contender.StartAsync(
            "YARP passthrough",
            typeof(GatewayComparison).Assembly.Location,
            ["yarp", listen.ToString(), provider.BaseUrl.ToString()],
            new Dictionary<string, string>(),
            new Uri(listen, "/openai/v1/models"),
            new Uri(listen, "/openai/v1/chat/completions"),
            provider.Model,
            headers);
    }

    private static async Task<Contender> StartGatewayAsync(SimulatedFleet fleet, string folder)
    {
        Dictionary<string, RebasedEndpoint> endpoints = new(StringComparer.Ordinal);
        foreach (var provider in fleet.Providers)
        {
            var key = Path.Combine(folder, $"{provider.Name}.key");
            await File.WriteAllTextAsync(key, provider.Credential);
            endpoints[provider.Name] = new RebasedEndpoint(provider.BaseUrl, key);
        }

        var policies = Path.Combine(folder, "policies");
        SimulatedEndpoints.CopyRebased(Path.Combine(Repository.Root, "policies"), policies, endpoints);
        var home = Path.Combine(folder, "home");
        using var signingKey = DevelopmentHome.OpenAt(home).OpenSigningKey();
        var token = new DevelopmentTokens(signingKey, TimeProvider.System).Create(
            new Caller { App = "benchmark", Roles = ["app"], FloorClasses = ["phi"], Purposes = ["treatment"], DataSubjects = ["us"] },
            TimeSpan.FromHours(1));
        Uri listen = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Contender.FreePort()}"));
        Uri control = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Contender.FreePort()}"));
        return await Contender.StartAsync(
            "PolicyRouter",
            typeof(DevelopmentHome).Assembly.Location,
            ["serve", "--dev", "--policies", policies, "--urls", listen.ToString(), "--control-urls", control.ToString()],
            new Dictionary<string, string> { ["POLICYROUTER_HOME"] = home },
            new Uri(listen, "/readyz"),
            new Uri(listen, "/v1/chat/completions"),
            Deployment,
            new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" });
    }

    /// <summary>The provider and the load share the second core; contenders have the first to themselves.</summary>
    private static void PinToSecondCore()
    {
        if ((OperatingSystem.IsLinux() || OperatingSystem.IsWindows()) && Environment.ProcessorCount > 1)
        {
            System.Diagnostics.Process.GetCurrentProcess().ProcessorAffinity = 2;
        }
    }
}
