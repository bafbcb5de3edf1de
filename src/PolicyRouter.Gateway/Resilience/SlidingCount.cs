namespace PolicyRouter.Gateway.Resilience;

/// <summary>How many there were within the last while, to a tenth of it. Not thread-safe.</summary>
internal sealed class SlidingCount(TimeProvider time, TimeSpan window)
{
    private const int Buckets = 10;

    private readonly long[] _counts = new long[Buckets];
    private readonly long _width = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency / Buckets));
    private long _newest;

    public long Total
    {
        get
        {
            Roll();
            return _counts.Sum();
        }
    }

    public void Add()
    {
        Roll();
        _counts[_newest % Buckets]++;
    }

    public void Clear() => Array.Clear(_counts);

    private void Roll()
    {
        var now = time.GetTimestamp() / _width;
        for (var past = Math.Max(_newest + 1, now - Buckets + 1); past <= now; past++)
        {
            _counts[past % Buckets] = 0;
        }

        _newest = Math.Max(_newest, now);
    }
}
