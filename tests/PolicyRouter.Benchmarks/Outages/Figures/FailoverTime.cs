using System.Diagnostics;
using System.Globalization;
using PolicyRouter.Simulator;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks.Outages.Figures;

/// <summary>
/// What failing over costs in real time: a stream's first target answers 503 at once, and the next one is asked. One request in ten, so that no breaker opens and the others
/// say what a healthy request takes in the same run.
/// </summary>
internal static class FailoverTime
{
    private const int Every = 10;
    private const int WarmUp = 100;

    /// <param name="failovers">How many are measured.</param>
    public static async Task RunAsync(int failovers)
    {
        using var pack = OutagePack.Create();
        await using var gateway = await GatewayContender.StartAsync(pack, await PostgresFixture.CreateDatabaseAsync(), TimeProvider.System);
        Watch watch = new(gateway.Fleet);
        List<double> healthy = [], between = [], toFirstByte = [], total = [];
        for (var number = 0; number < WarmUp + (failovers * Every); number++)
        {
            ReplayedRequest request = new(StreamOfFirstKind(number), OutagePack.Start) { Phase = new OutagePhase(TimeSpan.Zero, []) };
            watch.Begin(isFailing: number % Every == Every - 1);
            var started = Stopwatch.GetTimestamp();
            var firstByte = await gateway.FirstByteAsync(request);
            if (number < WarmUp)
            {
                continue;
            }

            var took = Stopwatch.GetElapsedTime(started, firstByte).TotalMilliseconds;
            switch (watch.Arrivals)
            {
                case [_]:
                    healthy.Add(took);
                    break;
                case [var failed, var next]:
                    total.Add(took);
                    between.Add(Stopwatch.GetElapsedTime(failed, next).TotalMilliseconds);
                    toFirstByte.Add(Stopwatch.GetElapsedTime(failed, firstByte).TotalMilliseconds);
                    break;
                case var arrivals:
                    throw new InvalidOperationException($"A request was sent {arrivals.Count} times.");
            }
        }

        Console.WriteLine("| real time, ms | count | p50 | p99 |");
        Console.WriteLine("|---|--:|--:|--:|");
        Line("healthy request, to its first byte", healthy);
        Line("request that fails over, to its first byte", total);
        Line("first failure, to the first byte", toFirstByte);
        Line("first failure, to the next provider's having the request: what failing over adds", between);
    }

    /// <summary>Of each four requests of a kind the first is none.</summary>
    private static int StreamOfFirstKind(int number) => RequestKind.All.Count * ((number / 3 * 4) + (number % 3) + 1);

    private static void Line(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {times.Count:N0} | {times[times.Count / 2]:0.00} | {times[(int)(times.Count * 0.99)]:0.00} |"));
    }

    /// <summary>When requests arrive at the providers. The first arrival of a failing request meets a 503.</summary>
    private sealed class Watch
    {
        private readonly Lock _gate = new();
        private List<long> _arrivals = [];
        private bool _isFailing;

        public Watch(SimulatedFleet fleet)
        {
            foreach (var provider in fleet.Providers)
            {
                provider.Recording = false;
                provider.BehaveBy(_ => Arrive());
            }
        }

        public IReadOnlyList<long> Arrivals
        {
            get
            {
                lock (_gate)
                {
                    return _arrivals;
                }
            }
        }

        public void Begin(bool isFailing)
        {
            lock (_gate)
            {
                _arrivals = [];
                _isFailing = isFailing;
            }
        }

        private Fault Arrive()
        {
            var now = Stopwatch.GetTimestamp();
            lock (_gate)
            {
                _arrivals.Add(now);
                return _isFailing && _arrivals.Count == 1 ? Fault.Unavailable : Fault.None;
            }
        }
    }
}
