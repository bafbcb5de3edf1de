namespace PolicyRouter.Gateway.Resilience;

/// <summary>Which callers there were within the last while. Bounded; not thread-safe.</summary>
internal sealed class RecentCallers(TimeProvider time, TimeSpan window)
{
    // Nobody asks for more than a handful of distinct callers.
    private const int Most = 64;

    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            Forget();
            return _seen.Count;
        }
    }

    public void Note(string caller)
    {
        Forget();
        if (_seen.Count < Most || _seen.ContainsKey(caller))
        {
            _seen[caller] = time.GetTimestamp();
        }
    }

    public bool AnyBut(string caller)
    {
        Forget();
        return _seen.Keys.Any(other => other != caller);
    }

    public void Clear() => _seen.Clear();

    private void Forget()
    {
        foreach (var (caller, at) in _seen)
        {
            if (time.GetElapsedTime(at) >= window)
            {
                _seen.Remove(caller);
            }
        }
    }
}
