using System.Collections.Concurrent;
using System.Diagnostics;

namespace PolicyRouter.EndToEnd.Tests.Telemetry;

/// <summary>Every span of requests in this process, once it has ended.</summary>
internal sealed class CapturedSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public CapturedSpans()
    {
        _listener = new ActivityListener
        {
            // The server's own carry what a caller said of its trace.
            ShouldListenTo = static source => source.Name is "PolicyRouter.Requests" or "Microsoft.AspNetCore",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Those of one request, in the order in which they ended.</summary>
    public IReadOnlyList<Activity> Of(Guid requestId) => [.. _ended.Where(span => (string?)span.GetTagItem("policyrouter.decision.id") == requestId.ToString())];

    public void Dispose() => _listener.Dispose();
}
