using System.Diagnostics;
using System.Globalization;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>How long a gateway takes from its start until it is ready, and what its first requests take.</summary>
internal static class StartUpFigures
{
    /// <param name="published">The assembly of a published gateway; null for the one that was built with the benchmarks.</param>
    public static async Task RunAsync(int rounds, string? published)
    {
        await using var stage = await BenchStage.StartAsync(published: published);
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {rounds} starts on one core, medians; the first makes the database and is left out");
        List<(double Ready, double First, double Hundredth, double Cpu)> starts = [];
        for (var round = 0; round <= rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var gateway = await stage.GatewayAsync(waitsUntilReady: false);
            await gateway.Contender.WaitUntilAsync(gateway.Ready, TimeSpan.FromMilliseconds(10));
            var ready = clock.Elapsed.TotalMilliseconds;
            using LoadGenerator load = new(gateway.Contender, Bodies.Chat(gateway.Contender.Model, 1_024, stream: false, withIdentifiers: true));
            var first = await load.CallAsync() / 1_000;
            var last = 0.0;
            for (var call = 2; call <= 100; call++)
            {
                last = await load.CallAsync() / 1_000;
            }

            var cpu = ProcessCpu.Microseconds(gateway.Contender.Process) / 1_000_000;
            await gateway.Contender.DisposeAsync();
            if (round > 0)
            {
                starts.Add((ready, first, last, cpu));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ready after {Medians.Of(starts, static start => start.Ready):N0} ms; the first request {Medians.Of(starts, static start => start.First):F0} ms, the hundredth {Medians.Of(starts, static start => start.Hundredth):F1} ms; CPU until then {Medians.Of(starts, static start => start.Cpu):F2} s"));
    }
}
