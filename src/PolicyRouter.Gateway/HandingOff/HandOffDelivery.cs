using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>Appends what a request brought to light besides its outcome; kept in memory until it is committed.</summary>
internal delegate void AppendFinding(AuditEvent finding, Guid requestId);

/// <summary>
/// Posts hand-offs until they arrive or are given up, and records which. Their text is in memory only, in bounded room: a process that dies leaves a record of the hand-off
/// without an end, which the next start closes as unknown.
/// </summary>
internal sealed class HandOffDelivery : IHostedService, IDisposable
{
    /// <summary>Posts of one hand-off at most: with the pauses between them about eight minutes.</summary>
    public const int MostPosts = 10;

    /// <summary>Room for hand-offs under way, in KiB. Each takes at least <see cref="LeastRoom"/>, so that there are never more than 1,024 of them.</summary>
    private const int Room = 64 * 1_024;
    private const int LeastRoom = 64;
    private const int PostsAtOnce = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly HandOffSender _sender;
    private readonly AppendFinding _append;
    private readonly HandOffMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrencyLimiter _room = new(new ConcurrencyLimiterOptions { PermitLimit = Room, QueueLimit = 0 });
    private readonly SemaphoreSlim _posting = new(PostsAtOnce);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Guid, Task> _running = new();
    private readonly ResiliencePipeline<PostResult> _retries;

    public HandOffDelivery(HandOffSender sender, AppendFinding append, HandOffMetrics metrics, TimeProvider time, ILogger<HandOffDelivery> logger)
    {
        _sender = sender;
        _append = append;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _retries = new ResiliencePipelineBuilder<PostResult> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<PostResult>
            {
                MaxRetryAttempts = MostPosts - 1,
                BackoffType = DelayBackoffType.Exponential,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                UseJitter = true,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { IsWorthAnother: true }),
                DelayGenerator = static arguments => ValueTask.FromResult(
                    arguments.Outcome.Result?.RetryAfter is { } asked ? TimeSpan.FromTicks(Math.Min(asked.Ticks, LongestPause.Ticks)) : (TimeSpan?)null),
            })
            .Build();
    }

    /// <summary>Hand-offs under way.</summary>
    public int Pending => _running.Count;

    /// <summary>Room for one hand-off of so many bytes, to be disposed of by whoever does not deliver it; null when there is none.</summary>
    public RateLimitLease? TryReserve(int bytes)
    {
        var lease = _room.AttemptAcquire(Math.Clamp((bytes + 1_023) / 1_024, LeastRoom, Room));
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        return null;
    }

    /// <summary>Begins to post. The rest happens in the background, and ends in an event.</summary>
    public void Deliver(OutboundHandOff handOff, RateLimitLease room)
    {
        _metrics.Began();
        var running = Task.Run(() => RunAsync(handOff, room));
        _running[handOff.Id] = running;
        _ = running.ContinueWith(_ => _running.TryRemove(handOff.Id, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the pauses: what has not arrived is posted once more at once, and then given up.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll(_running.Values).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The next start closes their records as unknown.
            _logger.HandOffsLeft(_running.Count);
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        _posting.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(OutboundHandOff handOff, RateLimitLease room)
    {
        var posts = 0;
        PostResult? last = null;
        try
        {
            try
            {
                last = await _retries.ExecuteAsync(async _ => last = await PostAsync(), _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                last = await PostAsync();
            }

            End(handOff, last, posts);
        }
#pragma warning disable CA1031 // The edge of the background work: whatever it is, the hand-off gets its record.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _logger.HandOffFailed(handOff.RequestId, error.GetType().Name);
            End(handOff, last is { Failure: not null } ? last : new PostResult(null, "internal_error"), posts);
        }
        finally
        {
            room.Dispose();
        }

        async Task<PostResult> PostAsync()
        {
            await _posting.WaitAsync(CancellationToken.None);
            try
            {
                posts++;
                return await _sender.PostAsync(handOff, isCredentialRefused: last?.Status == 401);
            }
            finally
            {
                _posting.Release();
            }
        }
    }

    private void End(OutboundHandOff handOff, PostResult result, int posts)
    {
        var now = _time.GetUtcNow();
        if (result.Failure is not { } failure)
        {
            _append(
                new HandOffDelivered { Id = Guid.CreateVersion7(now), At = now, RequestId = handOff.RequestId, HandOff = handOff.Id, Posts = posts, HttpStatus = result.Status!.Value },
                handOff.RequestId);
            _metrics.Delivered();
            return;
        }

        _append(
            new HandOffDeadLettered { Id = Guid.CreateVersion7(now), At = now, RequestId = handOff.RequestId, HandOff = handOff.Id, Posts = posts, Failure = failure },
            handOff.RequestId);
        _metrics.DeadLettered();
        _logger.DeadLettered(handOff.RequestId, failure, posts);
    }
}
