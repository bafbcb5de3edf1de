using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>One reference with the last value its source gave. A class and not a record: nothing prints its fields.</summary>
internal sealed class ResolvedSecret(string reference, SecretSources sources, TimeProvider time, ILogger logger)
{
    /// <summary>A source that failed is asked again after this long at the earliest.</summary>
    private static readonly TimeSpan BetweenFailures = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private volatile Reading? _last;
    private Task<string>? _reading;
    private long? _failed;

    /// <summary>The last good value; null before the first.</summary>
    public string? Value => _last?.Value;

    public TimeSpan Age => _last is { } last ? time.GetElapsedTime(last.ReadAt) : TimeSpan.Zero;

    /// <summary>Asks the source, or joins whoever is asking.</summary>
    public Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_reading is null or { IsCompleted: true })
            {
                _reading = Task.Run(ReadOnceAsync, CancellationToken.None);
            }

            return _reading.WaitAsync(cancellationToken);
        }
    }

    public void RenewInBackground()
    {
        lock (_gate)
        {
            if (_reading is null or { IsCompleted: true } && (_failed is not { } failed || time.GetElapsedTime(failed) >= BetweenFailures))
            {
                _reading = Task.Run(ReadOnceAsync, CancellationToken.None);
            }
        }
    }

    /// <summary>Does not fail once a value is known, so a renewal that nobody awaits has nothing to lose.</summary>
    private async Task<string> ReadOnceAsync()
    {
        try
        {
            var value = await sources.ReadAsync(reference, CancellationToken.None);
            _last = new Reading(value, time.GetTimestamp());
            _failed = null;
            return value;
        }
        catch (SecretUnavailableException error)
        {
            _failed = time.GetTimestamp();
            logger.SecretUnavailable(reference, error.InnerException?.GetType().Name ?? "not found", _last is not null);
            return _last?.Value ?? throw new SecretUnavailableException(error.Message, error);
        }
    }

    private sealed class Reading(string value, long readAt)
    {
        public string Value { get; } = value;
        public long ReadAt { get; } = readAt;
    }
}
