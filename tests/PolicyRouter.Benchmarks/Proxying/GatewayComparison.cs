using System.Globalization;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>
/// Direct calls, bare proxies (nginx where it is installed, YARP) and PolicyRouter with everything on, in turn, on the same simulated provider and the same bodies:
/// closed loop for what can be done at most, open loop at a fixed rate for how long it takes.
/// </summary>
internal static class GatewayComparison
{
    private static readonly (string Name, int Bytes)[] Sizes = [("1 KB", 1_024), ("4 KB", 4_096), ("32 KB", 32_768)];

    /// <param name="only">Contenders whose name contains this.</param>
    /// <param name="shapes">Bodies whose name contains this.</param>
    /// <param name="hasVariants">With the gateway's variants beside it: each is a process with a PostgreSQL of its own, and idle ones take a little of the core.</param>
    /// <param name="published">The assembly of a published gateway; null for the one that was built with the benchmarks.</param>
    public static async Task RunAsync(TimeSpan stretch, int rounds, int callers, string only, string shapes, bool hasVariants, string? published)
    {
        await using var stage = await BenchStage.StartAsync(published: published);
        List<BenchedGateway> gateways = [];
        foreach (var variant in GatewayVariant.All.Where(variant => (hasVariants || variant == GatewayVariant.Complete) && variant.Name.Contains(only, StringComparison.Ordinal)))
        {
            gateways.Add(await stage.GatewayAsync(variant: variant));
        }

        List<Contender?> all = [stage.Direct(), await stage.NginxAsync(), await stage.YarpAsync(), .. gateways.Select(static gateway => gateway.Contender)];
        List<Contender> contenders = [.. all.OfType<Contender>().Where(contender => contender.Name.Contains(only, StringComparison.Ordinal))];
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {callers} callers, {rounds} rounds of {stretch.TotalSeconds:F0} s, medians");
        Console.WriteLine();
        Console.WriteLine("| body | contender | requests/s | CPU us per request | share of YARP's capacity | p50 us | p99 us | RSS MiB | allocated KiB per request | database CPU us per request |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var (size, bytes) in Sizes)
        {
            foreach (var hasIdentifiers in (bool[])[false, true])
            {
                foreach (var isStream in (bool[])[false, true])
                {
                    var name = string.Concat(size, hasIdentifiers ? ", 4 identifiers" : "", isStream ? ", stream" : "");
                    if (name.Contains(shapes, StringComparison.Ordinal))
                    {
                        await CompareAsync(
                            contenders, gateways, name, contender => Bodies.Chat(contender.Model, bytes, isStream, hasIdentifiers), stretch, rounds, callers);
                    }
                }
            }
        }
    }

    private static async Task CompareAsync(
        List<Contender> contenders, List<BenchedGateway> gateways, string shape, Func<Contender, byte[]> body, TimeSpan stretch, int rounds, int callers)
    {
        var loads = contenders.ConvertAll(contender => new LoadGenerator(contender, body(contender)));
        var closed = contenders.ConvertAll(static _ => new List<LoadResult>());
        var open = contenders.ConvertAll(static _ => new List<LoadResult>());
        var allocated = contenders.ConvertAll(static _ => new List<double>());
        var database = contenders.ConvertAll(static _ => new List<double>());
        foreach (var load in loads)
        {
            await load.ClosedLoopAsync(callers, stretch);
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                var gateway = gateways.Find(gateway => ReferenceEquals(contenders[i], gateway.Contender));
                var (bytes, cpu) = gateway is null ? default : ((await gateway.FiguresAsync()).AllocatedBytes, gateway.DatabaseMicroseconds());
                closed[i].Add(await loads[i].ClosedLoopAsync(callers, stretch));
                if (gateway is not null)
                {
                    allocated[i].Add(((await gateway.FiguresAsync()).AllocatedBytes - bytes) / closed[i][^1].Latencies.Count);
                    database[i].Add((gateway.DatabaseMicroseconds() - cpu) / closed[i][^1].Latencies.Count);
                }

                open[i].Add(await loads[i].OpenLoopAsync(perSecond: 50, stretch));
            }
        }

        var yarp = contenders.FindIndex(static contender => contender.Name.StartsWith("YARP", StringComparison.Ordinal));
        var yarpCpu = yarp < 0 ? 0 : Medians.Of(closed[yarp], static result => result.CpuPerRequest);
        for (var i = 0; i < contenders.Count; i++)
        {
            var cpu = Medians.Of(closed[i], static result => result.CpuPerRequest);
            var share = cpu == 0 || yarp < 0 ? "" : (yarpCpu / cpu).ToString("F2", CultureInfo.InvariantCulture);
            var own = allocated[i].Count > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{Medians.Of(allocated[i]) / 1_024:F1} | {Medians.Of(database[i]):F0}")
                : " | ";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {(i == 0 ? shape : "")} | {contenders[i].Name} | {Medians.Of(closed[i], static result => result.PerSecond):N0} | {(cpu == 0 ? "" : cpu.ToString("N0", CultureInfo.InvariantCulture))} | {share} | {Medians.Of(open[i], static result => result.Percentile(0.5)):N0} | {Medians.Of(open[i], static result => result.Percentile(0.99)):N0} | {(contenders[i].Process is { } process ? ProcessCpu.ResidentMiB(process).ToString("N0", CultureInfo.InvariantCulture) : "")} | {own} |"));
        }

        loads.ForEach(static load => load.Dispose());
    }
}
