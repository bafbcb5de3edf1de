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
    ClockCheck clock, TimeProvider time, ILogger logger)
{
    private const string FencedOff = "The audit log of this process was fenced.";

    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    // How often the database is looked at while nothing is recorded: an outage is known before somebody asks.
    private static readonly TimeSpan ProbePace = TimeSpan.FromSeconds(1);

    private WriterConnection? _connection = connection;
    private CommitDoubt? _doubt;
    private volatile ShardHead _head = head;
    private bool _reported;
    private bool _clockReported;
    private volatile bool _probeDue;
    private volatile bool _healthy = true;
    private volatile bool _stopping;
    private volatile string? _ended;
    private volatile IReadOnlySet<string> _suspended = suspended;

    private CommitDoubt Doubt => _doubt ??= new CommitDoubt(queue, CloseUnsent);

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
            _ended = FencedOff;
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

    /// <summary>Records that what nobody has a receipt for was never sent.</summary>
    public void CloseUnsent(PendingEvent pending)
    {
        if (pending.UnsentEnd(time.GetUtcNow()) is not { } end)
        {
            return;
        }

        if (_ended is not null || !queue.TryAdd(PendingEvent.Outcome(PreparedEvent.From(end), time)))
        {
            logger.OutcomeLeft(pending.Prepared.Entry.Id, queue.LeaveOutcome());
        }
    }

    private async Task LoopAsync()
    {
        await using var pace = time.CreateTimer(_ => WakeToProbe(), null, ProbePace, ProbePace);
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

            if (_probeDue)
            {
                await ProbeAsync();
                continue;
            }

            var batch = queue.Take(all: _stopping);
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

    private void WakeToProbe()
    {
        _probeDue = true;
        queue.Wake();
    }

    private async Task ProbeAsync()
    {
        _probeDue = false;
        try
        {
            await _connection!.ProbeAsync(CancellationToken.None);
            WatchClock();
        }
#pragma warning disable CA1031 // Whatever it is, the answer is the same: not ready, a new connection, look again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await LostAsync(exception);
        }
    }

    /// <summary>Tells, once, that the clocks drift apart, and that they are together again.</summary>
    private void WatchClock()
    {
        AuditMeter.ClockApart.Record(clock.Apart.TotalSeconds, new KeyValuePair<string, object?>("shard", _head.Shard));
        var isOff = clock.Apart.Duration() > ClockCheck.Alarm;
        if (isOff && !_clockReported)
        {
            logger.ClocksApart(clock.Apart.TotalSeconds);
        }

        _clockReported = isOff;
    }

    /// <summary>The database cannot be used: nothing is under way, and a new connection is tried until it can.</summary>
    private async Task LostAsync(Exception exception)
    {
        _healthy = false;
        ReportLost(exception);
        await DropConnectionAsync();
    }

    private void ReportLost(Exception exception)
    {
        if (!_reported)
        {
            _reported = true;
            logger.NotReachable(exception.GetType().Name, SqlState(exception), exception is AuditUnavailableException known ? known.Message : "");
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
            RefuseFenced(batch);
            throw;
        }
#pragma warning disable CA1031 // As for a commit: whatever it is, nothing of the batch is recorded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _healthy = false;
            Doubt.AboutEpoch(next);
            logger.BatchFailed(batch.Count, exception.GetType().Name, SqlState(exception));
            queue.Retain(batch);
            Refuse(batch, "The audit database did not open the epoch of the month.");
            await DropConnectionAsync();
            return false;
        }
    }

    private async Task CommitAsync(List<PendingEvent> batch)
    {
        PreparedEvent[] prepared = [.. batch.Select(static pending => pending.ByClockOfNow())];
        var step = _head.Advance(prepared);
        try
        {
            _suspended = await _connection!.CommitAsync(step, prepared);
            _head = step.To;
            _healthy = true;
            queue.Forget(batch);
            for (var i = 0; i < batch.Count; i++)
            {
                if (!batch[i].Succeed(step.From.Size + i, _suspended))
                {
                    CloseUnsent(batch[i]);
                }
            }
        }
        catch (FencedException)
        {
            RefuseFenced(batch);
            throw;
        }
        catch (AuditUnavailableException exception)
        {
            // Rolled back before the commit. Not ready first: whoever was refused must not find it ready.
            _healthy = false;
            queue.Retain(batch);
            Refuse(batch, exception.Message);
            await LostAsync(exception);
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

                try
                {
                    await CommitAsync([batch[i]]);
                }
                catch (FencedException)
                {
                    RefuseFenced(batch.GetRange(i + 1, batch.Count - i - 1));
                    throw;
                }
            }

            return;
        }

        _healthy = false;
        Doubt.AboutBatch(batch, step.To);
        logger.BatchFailed(batch.Count, exception.GetType().Name, state);
        Refuse(batch, "It is not known whether the event was recorded.", mayBeRecorded: true);
        await DropConnectionAsync();
    }

    private async Task<bool> TryReconnectAsync()
    {
        try
        {
            _connection = await WriterConnection.OpenAsync(connectionString, events, clock, CancellationToken.None);
            _head = await Doubt.SettleAsync(_head, _connection.Connection);
            _healthy = true;
            _reported = false;
            _probeDue = false;
            WatchClock();
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
            ReportLost(exception);
            await DropConnectionAsync();
            return false;
        }
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    // Ended first: whoever was refused must not find the log writable.
    private void RefuseFenced(List<PendingEvent> batch)
    {
        _ended ??= FencedOff;
        Refuse(batch, FencedOff);
    }

    private static void Refuse(List<PendingEvent> batch, string why, bool mayBeRecorded = false)
    {
        foreach (var pending in batch)
        {
            pending.Refuse(why, mayBeRecorded);
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
