namespace PolicyRouter.Simulator.Receiving;

/// <summary>Everything one provider received, with a way to wait for more. Thread-safe.</summary>
internal sealed class ReceivedLog
{
    private readonly Lock _lock = new();
    private readonly List<ReceivedRequest> _requests = [];
    private TaskCompletionSource _change = NewChange();

    public IReadOnlyList<ReceivedRequest> Snapshot()
    {
        lock (_lock)
        {
            return [.. _requests];
        }
    }

    public void Add(ReceivedRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
        }

        Changed();
    }

    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
        }

        Changed();
    }

    /// <summary>Wakes everybody who waits, to look again.</summary>
    public void Changed()
    {
        TaskCompletionSource change;
        lock (_lock)
        {
            change = _change;
            _change = NewChange();
        }

        change.TrySetResult();
    }

    public async Task<T> WaitForAsync<T>(Func<IReadOnlyList<ReceivedRequest>, T?> find, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                change = _change.Task;
            }

            // Looked at after the task was taken: a change in between completes that task.
            if (find(Snapshot()) is { } found)
            {
                return found;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
