using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Tests.Sealing;

/// <summary>When checkpoints are published; the clock belongs to the test.</summary>
public sealed class CheckpointPublisherTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(Sample.Noon);
    private readonly Place _place = new();
    private ShardHead _head = ShardHead.Empty("gateway", 1);

    [Fact]
    public async Task Commit_IsPublishedWithinASecond_AndSilenceAfterAMinute()
    {
        using CancellationTokenSource stop = new();
        using var publisher = Publisher();
        var running = publisher.RunAsync(stop.Token);
        Assert.Equal((0, Sample.Noon), await _place.NextAsync());

        Commit();
        _time.Advance(Second);
        Assert.Equal((1, Sample.Noon + Second), await _place.NextAsync());

        // Nothing new: the next one that is kept is that of the next commit.
        _time.Advance(Second);
        Commit();
        _time.Advance(Second);
        var (size, at) = await _place.NextAsync();
        Assert.Equal(2, size);

        _time.Advance(TimeSpan.FromSeconds(60));
        var idle = await _place.NextAsync();
        Assert.Equal(2, idle.Size);
        Assert.True(idle.At - at >= TimeSpan.FromSeconds(60));

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task PlaceThatWasAway_IsAskedAgain()
    {
        using var publisher = Publisher();
        Commit();
        _place.IsAway = true;
        Assert.False(await publisher.PublishAsync(CancellationToken.None));

        _place.IsAway = false;
        using CancellationTokenSource stop = new();
        var running = publisher.RunAsync(stop.Token);
        _time.Advance(Second);
        Assert.Equal(1, (await _place.NextAsync()).Size);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void ManyCheckpoints_AreThinned_AndTheNewestStays()
    {
        ThinnedCheckpoints thinned = new(16);
        var signer = CheckpointSigner.Create();
        for (var size = 1; size <= 1_000; size++)
        {
            thinned.Add(SignedCheckpoint.Sign(new LogName("router", "gateway", 1), size, TreeHash.OfNothing, Sample.Noon, signer));
            Assert.InRange(thinned.All.Count(), Math.Min(size, 8), 17);
            Assert.Equal(size, thinned.All.Last().Size);
            Assert.Equal(1, thinned.All.First().Size);
        }
    }

    private CheckpointPublisher Publisher() => new(() => Volatile.Read(ref _head), "router", CheckpointSigner.Create(), [_place], _time, NullLogger.Instance);

    private void Commit() => Volatile.Write(ref _head, _head.Advance([PreparedEvent.From(Sample.Deny())]).To);

    private sealed class Place : ICheckpointSink
    {
        private readonly Channel<SignedCheckpoint> _kept = Channel.CreateUnbounded<SignedCheckpoint>();

        public bool IsAway { get; set; }

        public async Task KeepAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken)
        {
            if (IsAway)
            {
                throw new IOException("The disk is full.");
            }

            await _kept.Writer.WriteAsync(checkpoint, cancellationToken);
        }

        public async Task<(long Size, DateTimeOffset? At)> NextAsync()
        {
            var checkpoint = await _kept.Reader.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
            return (checkpoint.Size, checkpoint.At);
        }
    }
}
