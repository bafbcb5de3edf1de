using Microsoft.Extensions.Time.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>A clock that tells when somebody waits for it, so that a test moves it then and not before.</summary>
internal sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<Wait> _waits = [];
    private readonly List<(TimeSpan Least, TimeSpan Most, TaskCompletionSource Begun)> _watches = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Wait wait = new(dueTime);
        lock (_gate)
        {
            _waits.Add(wait);
        }

        var timer = base.CreateTimer(
            given =>
            {
                Forget(wait);
                callback(given);
            },
            state,
            dueTime,
            period);
        lock (_gate)
        {
            foreach (var watch in _watches.Where(watch => wait.IsWithin(watch.Least, watch.Most)))
            {
                watch.Begun.TrySetResult();
            }
        }

        return new WatchedTimer(timer, () => Forget(wait));
    }

    /// <summary>Returns when somebody has begun to wait for so long, and has neither been woken yet nor given up.</summary>
    /// <exception cref="TimeoutException">Nobody does, for a minute of real time.</exception>
    public Task WaitOfAsync(TimeSpan least, TimeSpan most)
    {
        lock (_gate)
        {
            if (_waits.Exists(wait => wait.IsWithin(least, most)))
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _watches.Add((least, most, begun));
            return begun.Task.WaitAsync(Patience);
        }
    }

    private void Forget(Wait wait)
    {
        lock (_gate)
        {
            _waits.Remove(wait);
        }
    }

    private sealed class WatchedTimer(ITimer timer, Action forget) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            forget();
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            forget();
            return timer.DisposeAsync();
        }
    }

    private sealed class Wait(TimeSpan due)
    {
        public bool IsWithin(TimeSpan least, TimeSpan most) => due >= least && due <= most;
    }
}
