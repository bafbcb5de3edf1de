using System.Globalization;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Callers;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// Recognises requests that client libraries send again: by <c>Idempotency-Key</c>, or by <c>x-stainless-retry-count</c> and the same request. Remembers ids only, never an answer:
/// a retry is decided anew. On this node and for a while; a retry that comes later, or to another node, is a request like any other.
/// </summary>
internal sealed class ClientRetries(TimeProvider time)
{
    private const int Most = 10_000;
    private const int LongestKey = 255;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, First> _known = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, First First)> _order = new();

    /// <summary>Takes note of a request. Dispose what it returns when the request has ended.</summary>
    /// <param name="requestHash">The keyed hash of the whole request.</param>
    public Retry Begin(Caller caller, IHeaderDictionary headers, string requestHash, Guid requestId)
    {
        var isRetry = int.TryParse(headers["x-stainless-retry-count"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;
        var given = headers["Idempotency-Key"].ToString();
        var isKeyed = given.Length is > 0 and <= LongestKey;
        if (!isKeyed && !headers.ContainsKey("x-stainless-retry-count"))
        {
            return new Retry(null, null, false);
        }

        // Keys are the caller's own, and are kept for as long as this; hashes tell nothing.
        var key = string.Join('\n', caller.Tenant, caller.App, isKeyed ? $"key {given}" : $"hash {requestHash}");
        lock (_lock)
        {
            Forget();
            if (_known.TryGetValue(key, out var first) && (isRetry || isKeyed))
            {
                return first.Running > 0 ? new Retry(null, first.RequestId, true) : new Retry(Run(first), first.RequestId, false);
            }

            if (first is null)
            {
                first = new First(requestId, time.GetUtcNow());
                _known[key] = first;
                _order.Enqueue((key, first));
            }

            return new Retry(Run(first), null, false);
        }
    }

    private RunningRequest Run(First first)
    {
        first.Running++;
        return new RunningRequest(this, first);
    }

    private void End(First first)
    {
        lock (_lock)
        {
            first.Running--;
        }
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - Remembered;
        while (_order.TryPeek(out var next) && (next.First.At < oldest || _order.Count > Most))
        {
            _order.Dequeue();
            _known.Remove(next.Key);
        }
    }

    /// <summary>The first request of a key.</summary>
    private sealed class First(Guid requestId, DateTimeOffset at)
    {
        public Guid RequestId { get; } = requestId;
        public DateTimeOffset At { get; } = at;
        public int Running { get; set; }
    }

    private sealed class RunningRequest(ClientRetries retries, First first) : IDisposable
    {
        public void Dispose() => retries.End(first);
    }

    /// <summary>What is known of a request.</summary>
    internal sealed class Retry(IDisposable? running, Guid? of, bool isFirstRunning) : IDisposable
    {
        /// <summary>The request it repeats; null for the first.</summary>
        public Guid? Of { get; } = of;

        /// <summary>True when that request still runs: this one is not to begin.</summary>
        public bool IsFirstRunning { get; } = isFirstRunning;

        public void Dispose() => running?.Dispose();
    }
}
