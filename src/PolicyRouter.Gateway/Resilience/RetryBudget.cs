namespace PolicyRouter.Gateway.Resilience;

/// <summary>
/// How often requests may be tried again at the same target: by provider, a tenth of its requests of the last minute, and three in any case. What keeps retries
/// from becoming the load that keeps a provider down. Thread-safe.
/// </summary>
internal sealed class RetryBudget(TimeProvider time)
{
    private const double Share = 0.1;
    private const int Floor = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly SlidingCount _requests = new(time, Window);
    private readonly SlidingCount _retries = new(time, Window);

    public long Left
    {
        get
        {
            lock (_gate)
            {
                return Math.Max(0, Math.Max(Floor, (long)(Share * _requests.Total)) - _retries.Total);
            }
        }
    }

    /// <summary>A request goes to the provider for the first time.</summary>
    public void NoteRequest()
    {
        lock (_gate)
        {
            _requests.Add();
        }
    }

    /// <summary>Takes one retry out of the budget; false when none is left.</summary>
    public bool TrySpend()
    {
        lock (_gate)
        {
            if (Left == 0)
            {
                return false;
            }

            _retries.Add();
            return true;
        }
    }
}
