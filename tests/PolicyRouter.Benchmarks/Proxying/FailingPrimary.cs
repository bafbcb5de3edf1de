using System.Globalization;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>What callers see while the first target of their route fails all the time, in one way after another: errors, and how long answers take.</summary>
internal static class FailingPrimary
{
    private static readonly (string Name, Fault Fault)[] Kinds =
    [
        ("healthy", Fault.None),
        ("answers 503", Fault.Unavailable),
        ("answers 529", Fault.Overloaded),
        ("resets the connection", Fault.Reset(after: 0)),
        ("closes the connection", Fault.Cut(after: 0)),
    ];

    /// <param name="requests">For each kind.</param>
    /// <returns>True when no caller saw an error.</returns>
    public static async Task<bool> RunAsync(int requests, int callers)
    {
        await using var stage = await BenchStage.StartAsync();
        var gateway = await stage.GatewayAsync();
        using LoadGenerator load = new(gateway.Contender, Bodies.Chat(BenchStage.Route, 1_024, stream: false, withIdentifiers: true));
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {requests:N0} requests of each kind, {callers} callers");
        Console.WriteLine("| the first target | errors | p50 us | p99 us |");
        Console.WriteLine("|---|--:|--:|--:|");
        await SendAsync(load, requests / 4, callers);
        var all = 0;
        foreach (var (name, fault) in Kinds)
        {
            stage.Fleet[BenchStage.Primary].Behave(fault);
            var (latencies, errors) = await SendAsync(load, requests, callers);
            all += errors;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {errors} | {latencies[latencies.Count / 2]:N0} | {latencies[latencies.Count * 99 / 100]:N0} |"));
        }

        return all == 0;
    }

    private static async Task<(List<double> Latencies, int Errors)> SendAsync(LoadGenerator load, int requests, int callers)
    {
        var left = requests;
        var errors = 0;
        var each = await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            List<double> mine = [];
            while (Interlocked.Decrement(ref left) >= 0)
            {
                try
                {
                    mine.Add(await load.CallAsync());
                }
                catch (Exception error) when (error is InvalidOperationException or HttpRequestException)
                {
                    Interlocked.Increment(ref errors);
                }
            }

            return mine;
        }));
        return ([.. each.SelectMany(static mine => mine).Order()], errors);
    }
}
