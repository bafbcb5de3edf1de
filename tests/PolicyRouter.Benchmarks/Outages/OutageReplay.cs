using Microsoft.Extensions.Time.Testing;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>
/// Passes an outage over a contender: requests at a fixed rate of simulated time, which moves only when every request has ended or waits for a provider that hangs.
/// Hours pass in seconds, and the same run is the same run.
/// </summary>
internal static class OutageReplay
{
    // Of real time, for what no clock of the replay holds up: somebody is stuck.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="perSecond">Requests in a second of simulated time, all kinds in turn.</param>
    /// <returns>The requests in the order asked.</returns>
    /// <exception cref="TimeoutException">A request neither ends nor is held by a provider.</exception>
    public static async Task<IReadOnlyList<ReplayedRequest>> RunAsync(OutageTrace trace, IOutageContender contender, OutageStage stage, FakeTimeProvider clock, int perSecond)
    {
        var step = TimeSpan.FromSeconds(1.0 / perSecond);
        var over = clock.GetUtcNow() + trace.Length;
        List<ReplayedRequest> requests = [];
        List<ReplayedRequest> underWay = [];
        while (clock.GetUtcNow() < over || underWay.Count > 0)
        {
            if (clock.GetUtcNow() < over)
            {
                var request = stage.Open(requests.Count);
                request.Asking = AskAsync(contender, request, clock);
                requests.Add(request);
                underWay.Add(request);
            }

            foreach (var request in underWay)
            {
                await (await Task.WhenAny(request.Asking, request.Held).WaitAsync(Patience));
            }

            underWay.RemoveAll(static request => request.Asking.IsCompleted);
            var next = clock.GetUtcNow() + step;
            foreach (var request in underWay.Where(request => request.HeldUntil <= next))
            {
                request.Release();
            }

            clock.Advance(step);
        }

        return requests;
    }

    private static async Task AskAsync(IOutageContender contender, ReplayedRequest request, TimeProvider clock)
    {
        request.End = await contender.AskAsync(request);
        request.Ended = clock.GetUtcNow();
    }
}
