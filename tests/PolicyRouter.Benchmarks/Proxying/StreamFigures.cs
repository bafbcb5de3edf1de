using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>
/// What streams cost: the time to the first chunk and the time of each chunk over direct calls, CPU per chunk, and the memory of many open streams. The provider writes
/// into each chunk when it left; the prompt has identifiers, so that the gateway looks for placeholders in every chunk.
/// </summary>
internal static class StreamFigures
{
    private const int Chunks = 100;

    /// <param name="streams">Open at the same time while chunks are timed.</param>
    /// <param name="many">Open at the same time while memory is looked at.</param>
    public static async Task RunAsync(int streams, int many, int rounds)
    {
        await using var provider = await StampedStreams.StartAsync();
        await using var stage = await BenchStage.StartAsync(provider.Address);
        var gateway = await stage.GatewayAsync(total: TimeSpan.FromMinutes(10));
        Contender[] contenders = [stage.Direct(), await stage.YarpAsync(), gateway.Contender];
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {streams} streams of {Chunks} chunks, one every 20 ms, {rounds} rounds, medians");
        Console.WriteLine();
        Console.WriteLine("| contender | first chunk of a lone caller, p50 us | p99 us | a chunk's way, p50 us | p99 us | CPU us per chunk | MiB per 1,000 open streams |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (var contender in contenders)
        {
            using StreamLoad load = new(contender);
            provider.Pace = (1, TimeSpan.Zero);
            for (var warming = 0; warming < 500; warming++)
            {
                await load.ReadAsync();
            }

            List<double> first = [];
            for (var call = 0; call < 200 * rounds; call++)
            {
                first.Add((await load.ReadAsync()).FirstChunk);
            }

            first.Sort();
            List<(double Half, double Most, double Cpu)> paced = [];
            provider.Pace = (Chunks, TimeSpan.FromMilliseconds(20));
            for (var round = 0; round < rounds; round++)
            {
                var cpu = ProcessCpu.Microseconds(contender.Process);
                var read = await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => load.ReadAsync()));
                List<double> ways = [.. read.SelectMany(static stream => stream.Ways).Order()];
                paced.Add((ways[ways.Count / 2], ways[ways.Count * 99 / 100], (ProcessCpu.Microseconds(contender.Process) - cpu) / ways.Count));
            }

            var memory = contender.Process is null ? "" : (await MemoryAsync(provider, load, contender, many)).ToString("F0", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {contender.Name} | {first[first.Count / 2]:N0} | {first[first.Count * 99 / 100]:N0} | {Medians.Of(paced, static round => round.Half):N0} | {Medians.Of(paced, static round => round.Most):N0} | {(contender.Process is null ? "" : Medians.Of(paced, static round => round.Cpu).ToString("F0", CultureInfo.InvariantCulture))} | {memory} |"));
        }
    }

    private static async Task<double> MemoryAsync(StampedStreams provider, StreamLoad load, Contender contender, int many)
    {
        var before = ProcessCpu.ResidentMiB(contender.Process);
        provider.Pace = (60, TimeSpan.FromSeconds(1));
        using CancellationTokenSource enough = new();
        var reading = Enumerable.Range(0, many).Select(_ => load.ReadAsync(enough.Token)).ToList();
        while (provider.Open < many)
        {
            if (reading.Find(static stream => stream.IsCompleted) is { } ended)
            {
                await ended;
            }

            using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
            await pause.WaitForNextTickAsync();
        }

        // Some chunks each, so that what a stream needs to be relayed is there.
        using (PeriodicTimer some = new(TimeSpan.FromSeconds(5)))
        {
            await some.WaitForNextTickAsync();
        }

        var open = ProcessCpu.ResidentMiB(contender.Process);
        await enough.CancelAsync();
        await Task.WhenAll(reading.Select(static async stream =>
        {
            try
            {
                await stream;
            }
            catch (OperationCanceledException)
            {
                // We left.
            }
        }));
        return (open - before) * 1_000 / many;
    }

    /// <summary>Streams from one contender.</summary>
    private sealed class StreamLoad(Contender contender) : IDisposable
    {
        private readonly byte[] _body = Bodies.Chat(contender.Model, 1_024, stream: true, withIdentifiers: true);
        private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 4_096, ActivityHeadersPropagator = null });

        /// <summary>Microseconds to the first chunk, and of each chunk since it left.</summary>
        public async Task<(double FirstChunk, List<double> Ways)> ReadAsync(CancellationToken cancellationToken = default)
        {
            var started = Stopwatch.GetTimestamp();
            using var request = contender.Request(_body);

            using var response = await _http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"{contender.Name} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }

            var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken));
            double? first = null;
            List<double> ways = [];
            while (await reader.ReadAsync(cancellationToken) is var read && (!read.IsCompleted || !read.Buffer.IsEmpty))
            {
                var now = Stopwatch.GetTimestamp();
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    if (StampedStreams.StampOf(line.IsSingleSegment ? line.FirstSpan : line.ToArray()) is { } stamp)
                    {
                        first ??= Stopwatch.GetElapsedTime(started, now).TotalMicroseconds;
                        ways.Add(Stopwatch.GetElapsedTime(stamp, now).TotalMicroseconds);
                    }

                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }

            return (first ?? throw new InvalidOperationException($"{contender.Name} sent no chunk."), ways);
        }

        public void Dispose() => _http.Dispose();
    }
}
