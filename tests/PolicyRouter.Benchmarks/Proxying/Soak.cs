using System.Diagnostics;
using System.Globalization;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>
/// Mixed load for a long time: whole answers and streams of three sizes, with and without identifiers, callers who leave in the middle, bodies that are refused, and a first
/// target that fails one request in twenty. What must stay flat is looked at every half minute.
/// </summary>
internal static class Soak
{
    private const int Callers = 8;

    // What a later quarter may have more than an earlier one and still be called flat.
    private const double Allowance = 1.10;

    /// <returns>True when memory and descriptors stayed flat and no valid request was answered with an error.</returns>
    public static async Task<bool> RunAsync(TimeSpan duration, int perSecond)
    {
        await using var stage = await BenchStage.StartAsync();
        var gateway = await stage.GatewayAsync();
        stage.Fleet[BenchStage.Primary].Behave(Fault.Unavailable, share: 0.05);
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {duration.TotalMinutes:F0} minutes of mixed load, {perSecond}/s");
        Console.WriteLine("| minute | requests | refused on purpose | left | errors | RSS MiB | heap MiB | descriptors |");
        Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|--:|");
        SoakLoad load = new(gateway.Contender);
        using CancellationTokenSource end = new(duration);
        var running = load.RunAsync(perSecond, Callers, end.Token);
        List<(double Resident, double Heap, double Descriptors)> samples = [];
        var clock = Stopwatch.StartNew();
        using PeriodicTimer halfMinute = new(TimeSpan.FromSeconds(Math.Min(30, duration.TotalSeconds / 20)));
        while (!running.IsCompleted && await halfMinute.WaitForNextTickAsync())
        {
            samples.Add((ProcessCpu.ResidentMiB(gateway.Contender.Process), (await gateway.FiguresAsync()).HeapMiB, gateway.Descriptors()));
            var (resident, heap, descriptors) = samples[^1];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {clock.Elapsed.TotalMinutes:F1} | {load.Requests:N0} | {load.Refused:N0} | {load.Left:N0} | {load.Errors:N0} | {resident:F0} | {heap:F0} | {descriptors} |"));
        }

        await running;
        return load.Errors == 0
            && IsFlat("RSS", samples, static sample => sample.Resident) & IsFlat("heap", samples, static sample => sample.Heap)
            & IsFlat("descriptors", samples, static sample => sample.Descriptors);
    }

    // The first quarter is warming up; the last is compared with the second.
    private static bool IsFlat(string what, List<(double, double, double)> samples, Func<(double Resident, double Heap, double Descriptors), double> figure)
    {
        var quarter = samples.Count / 4;
        var (second, last) = (Medians.Of(samples.GetRange(quarter, quarter), figure), Medians.Of(samples.GetRange(samples.Count - quarter, quarter), figure));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {second:F0} in the second quarter, {last:F0} in the last"));
        return last <= second * Allowance;
    }

    /// <summary>The mix, and what became of it.</summary>
    private sealed class SoakLoad(Contender contender)
    {
        private readonly byte[][] _bodies =
        [
            Bodies.Chat(BenchStage.Route, 1_024, stream: false, withIdentifiers: false), Bodies.Chat(BenchStage.Route, 1_024, stream: true, withIdentifiers: true),
            Bodies.Chat(BenchStage.Route, 4_096, stream: false, withIdentifiers: true), Bodies.Chat(BenchStage.Route, 4_096, stream: true, withIdentifiers: false),
            Bodies.Chat(BenchStage.Route, 32_768, stream: false, withIdentifiers: true),
        ];

        private long _requests;
        private long _refused;
        private long _left;
        private long _errors;

        public long Requests => Interlocked.Read(ref _requests);
        public long Refused => Interlocked.Read(ref _refused);
        public long Left => Interlocked.Read(ref _left);
        public long Errors => Interlocked.Read(ref _errors);

        public async Task RunAsync(int perSecond, int callers, CancellationToken end)
        {
            using HttpMessageInvoker http = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
            await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => CallAsync(http, caller, TimeSpan.FromSeconds((double)callers / perSecond), end)));
        }

        private async Task CallAsync(HttpMessageInvoker http, int caller, TimeSpan every, CancellationToken end)
        {
            using PeriodicTimer pace = new(every);
            for (var turn = caller; !end.IsCancellationRequested; turn++)
            {
                try
                {
                    await SendAsync(http, turn);
                }
                catch (Exception error) when (error is HttpRequestException or IOException)
                {
                    // A stream that broke off, or a connection that was closed without an answer.
                    Interlocked.Increment(ref _errors);
                }

                await pace.WaitForNextTickAsync(CancellationToken.None);
            }
        }

        private async Task SendAsync(HttpMessageInvoker http, int turn)
        {
            var (isRefused, isLeft) = (turn % 16 == 5, turn % 16 == 11);
            using CancellationTokenSource leave = new();
            using var request = contender.Request(isRefused ? "{\"model\":"u8.ToArray() : _bodies[isLeft ? 1 : turn % _bodies.Length]);

            Interlocked.Increment(ref _requests);
            using var response = await http.SendAsync(request, CancellationToken.None);
            await using var answer = await response.Content.ReadAsStreamAsync(CancellationToken.None);
            if (isLeft && response.IsSuccessStatusCode)
            {
                // One byte, then away: disposing closes the connection.
                await answer.ReadExactlyAsync(new byte[1], CancellationToken.None);
                Interlocked.Increment(ref _left);
                return;
            }

            await answer.CopyToAsync(Stream.Null, CancellationToken.None);
            if (isRefused && (int)response.StatusCode == 400)
            {
                Interlocked.Increment(ref _refused);
            }
            else if (!response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _errors);
            }
        }
    }
}
