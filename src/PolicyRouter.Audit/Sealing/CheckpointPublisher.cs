using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Signs what the writer has committed and gives it to the places that keep it: within a second of a commit, and every minute when
/// there is none, so that silence can be proved as well. A place that is away does not stop the log; it is asked again.
/// </summary>
internal sealed class CheckpointPublisher(
    Func<ShardHead> head, string origin, CheckpointSigner signer, IReadOnlyList<ICheckpointSink> sinks, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdlePace = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1);
    private ShardHead? _published;
    private long _publishedAt;
    private bool _reported;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Pace, time);
        try
        {
            // At once, so that no log is without a checkpoint when its process is killed in its first second.
            do
            {
                await PublishAsync(() => head() != _published || time.GetElapsedTime(_publishedAt) >= IdlePace, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Whoever stops it publishes once more.
        }
    }

    /// <summary>Signs the head as it is now and gives it to every place.</summary>
    /// <returns>True when all of them have it.</returns>
    public Task<bool> PublishAsync(CancellationToken cancellationToken) => PublishAsync(static () => true, cancellationToken);

    public void Dispose() => _turn.Dispose();

    /// <param name="isDue">Asked when nobody else publishes.</param>
    private async Task<bool> PublishAsync(Func<bool> isDue, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!isDue())
            {
                return true;
            }

            // More than one when an epoch ended since the last time: its end is published, too.
            var kept = true;
            var newest = head();
            foreach (var covered in newest.Since(_published?.Epoch ?? 0).Where(covered => covered == newest || covered != _published))
            {
                kept = kept && await TryPublishAsync(covered, cancellationToken);
            }

            return kept;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> TryPublishAsync(ShardHead covered, CancellationToken cancellationToken)
    {
        var checkpoint = SignedCheckpoint.Sign(new LogName(origin, covered.Shard, covered.Epoch), covered.Size, covered.Root, time.GetUtcNow(), signer);
        var kept = true;
        foreach (var sink in sinks)
        {
            kept &= await TryKeepAsync(sink, checkpoint, cancellationToken);
        }

        if (kept)
        {
            _published = covered;
            _publishedAt = time.GetTimestamp();
            _reported = false;
            AuditMeter.Published.Add(1, new KeyValuePair<string, object?>("shard", covered.Shard));
        }

        return kept;
    }

    private async Task<bool> TryKeepAsync(ICheckpointSink sink, SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        try
        {
            await sink.KeepAsync(checkpoint, cancellationToken);
            return true;
        }
#pragma warning disable CA1031 // The edge of the background loop: whatever keeps a place away, it is reported and asked again.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            AuditMeter.Unpublished.Add(1, new KeyValuePair<string, object?>("shard", checkpoint.Shard));
            if (!_reported)
            {
                _reported = true;
                logger.CheckpointNotKept(sink.GetType().Name, failure.GetType().Name, failure is IOException ? failure.Message : "");
            }

            return false;
        }
    }
}
