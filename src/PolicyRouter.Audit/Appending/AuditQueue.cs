using System.Collections.Concurrent;
using System.Threading.Channels;

namespace PolicyRouter.Audit.Appending;

/// <summary>
/// What waits for the writer: events with a caller, up to the capacity, and outcomes, up to half of it. An outcome, for which nobody waits, goes with the next event that somebody waits for, or after a
/// moment by itself: a commit of its own would make the next caller wait for two.
/// </summary>
internal sealed class AuditQueue : IDisposable
{
    /// <summary>How long an outcome waits for company, at most; a crash loses so much more of them, and their requests then read <c>unknown</c>.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    private readonly int _capacity;
    private readonly int _maxBatch;
    private readonly ITimer _linger;
    private readonly ConcurrentQueue<PendingEvent> _awaited = new();
    private readonly ConcurrentQueue<PendingEvent> _outcomes = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // Outcomes of a batch that was not committed; only the writer touches it.
    private readonly List<PendingEvent> _retained = [];
    private int _awaitedCount;
    private int _outcomeCount;
    private long _outcomesLeft;
    private int _lingering;
    private volatile bool _outcomesDue;

    public AuditQueue(int capacity, int maxBatch)
    {
        (_capacity, _maxBatch) = (capacity, maxBatch);
        _linger = TimeProvider.System.CreateTimer(_ => Due(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool HasRoom => Volatile.Read(ref _awaitedCount) < _capacity;

    /// <summary>Outcomes that are not committed yet.</summary>
    public int Outcomes => Volatile.Read(ref _outcomeCount);

    /// <summary>Outcomes that found no room, or came too late.</summary>
    public long OutcomesLeft => Interlocked.Read(ref _outcomesLeft);

    /// <summary>Counts an outcome that is not kept.</summary>
    /// <returns>How many there are.</returns>
    public long LeaveOutcome() => Interlocked.Increment(ref _outcomesLeft);

    public bool TryAdd(PendingEvent pending)
    {
        var (queue, limit) = pending.IsOutcome ? (_outcomes, Math.Max(1, _capacity / 2)) : (_awaited, _capacity);
        ref var count = ref pending.IsOutcome ? ref _outcomeCount : ref _awaitedCount;
        var waiting = Interlocked.Increment(ref count);
        if (waiting > limit)
        {
            Interlocked.Decrement(ref count);
            return false;
        }

        queue.Enqueue(pending);
        if (!pending.IsOutcome || waiting >= OutcomesOfABatch)
        {
            Wake();
        }
        else if (Interlocked.Exchange(ref _lingering, 1) == 0)
        {
            _linger.Change(Linger, Timeout.InfiniteTimeSpan);
        }

        return true;
    }

    private int OutcomesOfABatch => Math.Max(1, _maxBatch / 2);

    private void Due()
    {
        Volatile.Write(ref _lingering, 0);
        _outcomesDue = true;
        Wake();
    }

    public void Wake() => _wake.Writer.TryWrite(true);

    public async Task WaitAsync() => await _wake.Reader.ReadAsync();

    /// <summary>The next batch: retained outcomes, new outcomes up to half of the batch, then callers who still wait. Empty while only outcomes wait that are not due.</summary>
    /// <param name="all">Outcomes are due, however new.</param>
    public List<PendingEvent> Take(bool all)
    {
        List<PendingEvent> batch = [];
        var outcomes = OutcomesOfABatch;
        if (!all && !_outcomesDue && _awaited.IsEmpty && _retained.Count == 0 && Outcomes < outcomes)
        {
            return batch;
        }

        _outcomesDue = false;
        var retained = Math.Min(outcomes, _retained.Count);
        batch.AddRange(_retained.GetRange(0, retained));
        _retained.RemoveRange(0, retained);
        while (batch.Count < outcomes && _outcomes.TryDequeue(out var outcome))
        {
            batch.Add(outcome);
        }

        // Those that found no place have waited as long as the others: for them no time is running any more.
        _outcomesDue |= batch.Count >= outcomes && !_outcomes.IsEmpty;
        while (batch.Count < _maxBatch && _awaited.TryDequeue(out var pending))
        {
            Interlocked.Decrement(ref _awaitedCount);
            if (pending.TryTake())
            {
                batch.Add(pending);
            }
        }

        return batch;
    }

    /// <summary>Outcomes that were not committed come first in the next batch.</summary>
    public void Retain(IEnumerable<PendingEvent> batch) => _retained.InsertRange(0, batch.Where(static pending => pending.IsOutcome));

    /// <summary>Outcomes that need not be kept any more: committed, or impossible to store.</summary>
    public void Forget(IReadOnlyCollection<PendingEvent> batch) =>
        Interlocked.Add(ref _outcomeCount, -batch.Count(static pending => pending.IsOutcome));

    /// <summary>Refuses every caller who waits.</summary>
    public void RefuseAwaited(string why)
    {
        while (_awaited.TryDequeue(out var pending))
        {
            Interlocked.Decrement(ref _awaitedCount);
            pending.Refuse(why);
        }
    }

    public void Dispose() => _linger.Dispose();
}
