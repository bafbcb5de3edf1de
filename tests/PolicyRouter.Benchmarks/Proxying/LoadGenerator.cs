using System.Diagnostics;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>Load on one contender: closed loop for the maximum, open loop at a fixed rate for the latency.</summary>
internal sealed class LoadGenerator(Contender contender, byte[] body) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, MaxConnectionsPerServer = 1024, ActivityHeadersPropagator = null,
    });

    /// <summary>A fixed number of callers, each sending its next request when the last is answered.</summary>
    public Task<LoadResult> ClosedLoopAsync(int callers, TimeSpan duration) => MeasureAsync(async (clock, latencies) =>
    {
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            List<double> mine = [];
            while (clock.Elapsed < duration)
            {
                mine.Add(await CallAsync());
            }

            lock (latencies)
            {
                latencies.AddRange(mine);
            }
        }));
    });

    /// <summary>Requests leave at a fixed rate, answered or not, so that a slow answer delays no other request.</summary>
    public Task<LoadResult> OpenLoopAsync(int perSecond, TimeSpan duration) => MeasureAsync(async (clock, latencies) =>
    {
        List<Task> calls = [];
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1.0 / perSecond));
        while (clock.Elapsed < duration && await timer.WaitForNextTickAsync())
        {
            calls.Add(Task.Run(async () =>
            {
                var latency = await CallAsync();
                lock (latencies)
                {
                    latencies.Add(latency);
                }
            }));
        }

        await Task.WhenAll(calls);
    });

    public void Dispose() => _http.Dispose();

    private async Task<LoadResult> MeasureAsync(Func<Stopwatch, List<double>, Task> load)
    {
        var cpu = ProcessCpu.Microseconds(contender.Process);
        List<double> latencies = [];
        var clock = Stopwatch.StartNew();
        await load(clock, latencies);
        clock.Stop();
        latencies.Sort();
        return new LoadResult(clock.Elapsed, latencies, ProcessCpu.Microseconds(contender.Process) - cpu);
    }

    /// <summary>Microseconds from the request to the last byte of its answer.</summary>
    /// <exception cref="InvalidOperationException">It was not answered with 200: a figure with errors in it means nothing.</exception>
    public async Task<double> CallAsync()
    {
        var started = Stopwatch.GetTimestamp();
        using var request = contender.Request(body);

        using var response = await _http.SendAsync(request, CancellationToken.None);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{contender.Name} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        await response.Content.CopyToAsync(Stream.Null);
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }
}
