using Microsoft.Extensions.Logging;
using Npgsql;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>
/// The one writer of a shard. Group commit without linger: a batch is whatever queued while the last one was committed. After
/// any doubt it takes a new connection and asks the head row how far the log really is.
/// </summary>
internal sealed class AuditWriter(
    AuditQueue queue, MartenEvents events, string connectionString, WriterConnection connection, ShardHead head, IReadOnlySet<string> suspended,
    TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    private WriterConnection? _connection = connection;
    private volatile ShardHead _head = head;

    // A batch of which it is not known whether it was committed, and the head if it was.
    private (List<PendingEvent> Batch, ShardHead Head)? _doubted;

    // An epoch of which it is not known whether it was opened.
    private ShardHead? _doubtedEpoch;
    private bool _reported;
    private volatile bool _healthy = true;
    private volatile bool _stopping;
    private volatile string? _ended;
    private volatile IReadOnlySet<string> _suspended = suspended;

    public bool IsHealthy => _healthy && _ended is null && !_stopping;

    /// <summary>What is acknowledged.</summary>
    public ShardHead Head => _head;

    /// <summary>Deployments that were suspended at the last commit, by any node.</summary>
    public IReadOnlySet<string> Suspended => _suspended;

    /// <summary>Why nothing is taken any more; null while the writer runs.</summary>
    public string? Ended => _ended;

    /// <summary>Takes nothing more, at once: what was recorded cannot be trusted any longer.</summary>
    public void Condemn(string why)
    {
        _ended ??= why;
        queue.RefuseAwaited(why);
        Stop();
    }

    public void Stop()
    {
        _stopping = true;
        queue.Wake();
    }

    /// <summary>Runs until it is stopped or fenced. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await LoopAsync();
            _ended ??= "The audit log is closed.";
            logger.LogClosed(_head.Shard, _head.Epoch, _head.Size);
        }
        catch (FencedException exception)
        {
            _ended = "The audit log of this process was fenced.";
            logger.Fenced(exception.Message);
        }
#pragma warning disable CA1031 // The edge of the background loop: whatever it is, callers are refused and it is reported.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _ended = "The audit writer stopped unexpectedly.";
            logger.WriterFailed(exception.GetType().Name, exception);
        }
        finally
        {
            _healthy = false;
            queue.RefuseAwaited(_ended ?? "The audit log is closed.");
            if (queue.Outcomes is > 0 and var lost)
            {
                logger.OutcomesLost(lost);
            }

            await DropConnectionAsync();
        }
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            if (_connection is null && !await TryReconnectAsync())
            {
                queue.RefuseAwaited("The audit database is not reachable.");
                if (_stopping)
                {
                    return;
                }

                await Task.Delay(ProbePause, time);
                continue;
            }

            var batch = queue.Take();
            if (batch.Count > 0)
            {
                if (!_head.IsOfAnEarlierMonth(time.GetUtcNow()) || await TryRollOverAsync(batch))
                {
                    await CommitAsync(batch);
                }
            }
            else if (_stopping)
            {
                return;
            }
            else
            {
                await queue.WaitAsync();
            }
        }
    }

    /// <summary>A month has begun: its first batch goes to an epoch of its own.</summary>
    /// <returns>False when it could not be opened; the batch was refused.</returns>
    private async Task<bool> TryRollOverAsync(List<PendingEvent> batch)
    {
        var next = _head.Next(time.GetUtcNow());
        try
        {
            await _head.RollOverAsync(_connection!.Connection, next, CancellationToken.None);
            _head = next;
            logger.RolledOver(next.Shard, next.Epoch);
            return true;
        }
        catch (FencedException)
        {
            Refuse(batch, "The audit log of this process was fenced.");
            throw;
        }
#pragma warning disable CA1031 // As for a commit: whatever it is, nothing of the batch is recorded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _healthy = false;
            _doubtedEpoch = next;
            logger.BatchFailed(batch.Count, exception.GetType().Name, SqlState(exception));
            queue.Retain(batch);
            Refuse(batch, "The audit database did not open the epoch of the month.");
            await DropConnectionAsync();
            return false;
        }
    }

    private async Task CommitAsync(List<PendingEvent> batch)
    {
        PreparedEvent[] events = [.. batch.Select(static pending => pending.Prepared)];
        var step = _head.Advance(events);
        try
        {
            _suspended = await _connection!.CommitAsync(step, events, CancellationToken.None);
            _head = step.To;
            _healthy = true;
            queue.Forget(batch);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Succeed(step.From.Size + i, _suspended);
            }
        }
        catch (FencedException)
        {
            Refuse(batch, "The audit log of this process was fenced.");
            throw;
        }
#pragma warning disable CA1031 // Marten and Npgsql wrap failures in many types; each of them means "not known to be durable".
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailedAsync(batch, step, exception);
        }
    }

    private async Task FailedAsync(List<PendingEvent> batch, HeadAdvance step, Exception exception)
    {
        var state = SqlState(exception);

        // Classes 22 and 23: the data of an event are at fault (an id used twice). Its neighbours must not suffer for it.
        if (state is ['2', '2' or '3', ..])
        {
            if (batch.Count == 1)
            {
                logger.EventRefused(batch[0].Prepared.Entry.Id, state);
                queue.Forget(batch);
                Refuse(batch, $"The audit database refused the event ({state}).");
                return;
            }

            for (var i = 0; i < batch.Count; i++)
            {
                if (_connection is null)
                {
                    var rest = batch.GetRange(i, batch.Count - i);
                    queue.Retain(rest);
                    Refuse(rest, "The audit database became unreachable.");
                    return;
                }

                await CommitAsync([batch[i]]);
            }

            return;
        }

        _healthy = false;
        _doubted = (batch, step.To);
        logger.BatchFailed(batch.Count, exception.GetType().Name, state);
        Refuse(batch, "It is not known whether the event was recorded.");
        await DropConnectionAsync();
    }

    private async Task<bool> TryReconnectAsync()
    {
        try
        {
            _connection = await WriterConnection.OpenAsync(connectionString, events, CancellationToken.None);
            var found = await _head.LoadAsync(_connection.Connection, CancellationToken.None);
            if (found is null && _doubtedEpoch is { } opened && await opened.IsOpenedAsync(_connection.Connection, CancellationToken.None))
            {
                _head = opened;
            }
            else
            {
                Settle(found);
            }

            _doubtedEpoch = null;
            _healthy = true;
            _reported = false;
            logger.Recovered(_head.Shard, _head.Epoch, _head.Size);
            return true;
        }
        catch (FencedException)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever keeps the database away, the answer is the same: refuse and look again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_reported)
            {
                _reported = true;
                logger.NotReachable(exception.GetType().Name, SqlState(exception));
            }

            await DropConnectionAsync();
            return false;
        }
    }

    /// <summary>Compares the head of the database with ours, and settles what became of the batch in doubt.</summary>
    private void Settle((long Size, byte[] Root)? found)
    {
        if (Is(_head))
        {
            queue.Retain(_doubted?.Batch ?? []);
        }
        else if (_doubted is { } doubted && Is(doubted.Head))
        {
            _head = doubted.Head;
            queue.Forget(doubted.Batch);
        }
        else
        {
            throw new FencedException(found is not { } other
                ? $"Epoch {_head.Epoch} of shard {_head.Shard} was closed by another writer, or is gone."
                : $"Shard {_head.Shard} has {other.Size} events and had {_head.Size} acknowledged, or other ones: the database went back in time.");
        }

        _doubted = null;

        bool Is(ShardHead head) => found is { } row && row.Size == head.Size && row.Root.AsSpan().SequenceEqual(head.Root);
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static void Refuse(List<PendingEvent> batch, string why)
    {
        foreach (var pending in batch)
        {
            pending.Refuse(why);
        }
    }

    private static string SqlState(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is PostgresException refused)
            {
                return refused.SqlState;
            }
        }

        return "-";
    }
}
