using Npgsql;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>
/// What a writer does not know after its connection broke in the middle of a commit: whether a batch was recorded, or an epoch
/// opened. The head row of the database says so.
/// </summary>
/// <param name="closeUnsent">Records that a request was never sent: its caller was refused when the answer was lost.</param>
internal sealed class CommitDoubt(AuditQueue queue, Action<PendingEvent> closeUnsent)
{
    // The batch, and the head if it was committed.
    private (List<PendingEvent> Batch, ShardHead Head)? _batch;
    private ShardHead? _epoch;

    public void AboutBatch(List<PendingEvent> batch, ShardHead head) => _batch = (batch, head);

    public void AboutEpoch(ShardHead opened) => _epoch = opened;

    /// <summary>Compares the head of the database with the one acknowledged, and settles what is in doubt.</summary>
    /// <returns>The head that holds.</returns>
    /// <exception cref="FencedException">Another writer has the shard, or the database went back in time.</exception>
    public async Task<ShardHead> SettleAsync(ShardHead acknowledged, NpgsqlConnection connection)
    {
        var found = await acknowledged.BeginTermAsync(connection, CancellationToken.None);
        var holds = found is null && _epoch is { } opened && await opened.IsOpenedAsync(connection, CancellationToken.None)
            ? opened
            : SettleBatch(acknowledged, found);
        _epoch = null;
        return holds;
    }

    private ShardHead SettleBatch(ShardHead acknowledged, (long Size, byte[] Root, long Term)? found)
    {
        var holds = acknowledged;
        if (Is(acknowledged))
        {
            queue.Retain(_batch?.Batch ?? []);
        }
        else if (_batch is { } doubted && Is(doubted.Head))
        {
            holds = doubted.Head;
            queue.Forget(doubted.Batch);
            foreach (var pending in doubted.Batch.Where(static pending => !pending.IsOutcome))
            {
                closeUnsent(pending);
            }
        }
        else
        {
            throw new FencedException(found is not { } other
                ? $"Epoch {acknowledged.Epoch} of shard {acknowledged.Shard} was closed by another writer, or is gone."
                : $"Shard {acknowledged.Shard} has {other.Size} events and had {acknowledged.Size} acknowledged, or other ones: the database went back in time.");
        }

        _batch = null;
        return found is { } begun ? holds.In(begun.Term) : holds;

        bool Is(ShardHead head) => found is { } row && row.Size == head.Size && row.Root.AsSpan().SequenceEqual(head.Root);
    }
}
