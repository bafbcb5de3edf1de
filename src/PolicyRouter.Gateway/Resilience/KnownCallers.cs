using System.Collections.Concurrent;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>Callers who were answered within the last hour. Bounded: of very many it forgets all, and learns them again. Thread-safe.</summary>
internal sealed class KnownCallers(TimeProvider time)
{
    private const int Most = 4_096;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, long> _seen = new(StringComparer.Ordinal);

    public void Note(string caller)
    {
        if (!_seen.ContainsKey(caller) && _seen.Count >= Most)
        {
            _seen.Clear();
        }

        _seen[caller] = time.GetTimestamp();
    }

    public bool Contains(string caller) => _seen.TryGetValue(caller, out var at) && time.GetElapsedTime(at) < Window;
}
