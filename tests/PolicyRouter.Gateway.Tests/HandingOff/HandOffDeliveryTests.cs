using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.HandingOff;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Gateway.Tests.Providers;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests.HandingOff;

/// <summary>Posts to desks that fail in every way, on a clock of the test's: each ends in one event, and none is posted without a record.</summary>
public sealed class HandOffDeliveryTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private readonly PausingTime _time = new(Deadline, HandOffSender.ConnectTimeout);
    private readonly TaskCompletionSource<AuditEvent> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<AuditEvent> _ends = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private AuditLog _log = null!;
    private int _posts;

    public async Task InitializeAsync() => _log = await AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = await PostgresFixture.CreateDatabaseAsync(), Shard = "hand-offs", Deadline = TimeSpan.FromSeconds(20) },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _log.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task DeskThatNeverTakesIt_IsTriedTenTimesWithGrowingPauses_AndThenADeadLetter()
    {
        await using var desk = await DeskAsync(static _ => 500);
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url);

        List<TimeSpan> pauses = [];
        for (var at = 1; at < HandOffDelivery.MostPosts; at++)
        {
            var pause = await _time.NextPauseAsync();
            pauses.Add(pause);
            _time.Advance(pause);
        }

        var dead = Assert.IsType<HandOffDeadLettered>(await EndAsync());
        Assert.Equal(("status_500", HandOffDelivery.MostPosts), (dead.Failure, dead.Posts));
        Assert.Equal(HandOffDelivery.MostPosts, _posts);
        Assert.True(pauses[^1] > pauses[0] * 8, $"from {pauses[0]} to {pauses[^1]}");
        Assert.All(pauses, static pause => Assert.True(pause <= TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task DeskThatRecovers_HasItOnce()
    {
        await using var desk = await DeskAsync(static post => post < 3 ? 503 : 200);
        using var delivery = Delivery();
        var handOff = await DeliverAsync(delivery, desk.Url);

        _time.Advance(await _time.NextPauseAsync());
        _time.Advance(await _time.NextPauseAsync());

        var delivered = Assert.IsType<HandOffDelivered>(await EndAsync());
        Assert.Equal((handOff, 3, 200), (delivered.HandOff, delivered.Posts, delivered.HttpStatus));
        await delivery.StopAsync(CancellationToken.None);
        Assert.Equal((3, 0), (_posts, delivery.Pending));
    }

    [Fact]
    public async Task PauseThatTheDeskAsksFor_IsKept()
    {
        await using var desk = await DeskAsync(static post => post == 1 ? 429 : 204, static http => http.Response.Headers.RetryAfter = "7");
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url);

        var pause = await _time.NextPauseAsync();
        _time.Advance(pause);

        Assert.Equal(TimeSpan.FromSeconds(7), pause);
        Assert.IsType<HandOffDelivered>(await EndAsync());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(422)]
    public async Task PostThatWouldBeRefusedAgain_IsNotRepeated(int status)
    {
        await using var desk = await DeskAsync(_ => status);
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url);

        Assert.Equal($"status_{status}", Assert.IsType<HandOffDeadLettered>(await EndAsync()).Failure);
        Assert.Equal(1, _posts);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var elsewhere = await DeskAsync(static _ => 200);
        await using var desk = await ScriptedProvider.StartAsync(http =>
        {
            http.Response.Redirect(elsewhere.Url.ToString(), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url);

        Assert.Equal("redirect_refused", Assert.IsType<HandOffDeadLettered>(await EndAsync()).Failure);
        Assert.Equal(0, _posts);
    }

    [Fact]
    public async Task DeskThatHangs_IsLeftAfterItsDeadline_AndAskedAgain()
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var desk = await ScriptedProvider.StartAsync(async http =>
        {
            if (arrived.TrySetResult())
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        });
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

        _time.Advance(Deadline);
        _time.Advance(await _time.NextPauseAsync());

        Assert.Equal(2, Assert.IsType<HandOffDelivered>(await EndAsync()).Posts);
    }

    [Fact]
    public async Task AddressThatAWebhookMayNotHave_GetsNothing()
    {
        await using var desk = await DeskAsync(static _ => 200);
        using var delivery = Delivery(allowLoopback: false);
        await DeliverAsync(delivery, desk.Url);

        await _time.NextPauseAsync();
        await delivery.StopAsync(CancellationToken.None);

        Assert.Equal("destination_blocked", Assert.IsType<HandOffDeadLettered>(await EndAsync()).Failure);
        Assert.Equal(0, _posts);
    }

    [Fact]
    public async Task WithoutItsKey_NothingIsPosted()
    {
        await using var desk = await DeskAsync(static _ => 200);
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url, credential: "env:POLICYROUTER_NO_SUCH_VARIABLE");

        await _time.NextPauseAsync();
        await delivery.StopAsync(CancellationToken.None);

        Assert.Equal("credential_unavailable", Assert.IsType<HandOffDeadLettered>(await EndAsync()).Failure);
        Assert.Equal(0, _posts);
    }

    [Fact]
    public async Task Stopping_EndsThePause_PostsOnceMore_AndGivesUp()
    {
        await using var desk = await DeskAsync(static _ => 503);
        using var delivery = Delivery();
        await DeliverAsync(delivery, desk.Url);
        await _time.NextPauseAsync();

        await delivery.StopAsync(CancellationToken.None);

        Assert.Equal(("status_503", 2), Assert.IsType<HandOffDeadLettered>(await EndAsync()) is var dead ? (dead.Failure, dead.Posts) : default);
        Assert.Equal((2, 0), (_posts, delivery.Pending));
    }

    [Fact]
    public void Room_IsNeverMoreThan64MiB_AndNeverForMoreThan1024()
    {
        Gen.Int[1, 6 * 1_048_576].Array[1, 2_000].Sample(
            sizes =>
            {
                using var delivery = Delivery();
                List<IDisposable> held = [];
                long bytes = 0;
                foreach (var size in sizes)
                {
                    if (delivery.TryReserve(size) is { } room)
                    {
                        held.Add(room);
                        bytes += size;
                    }
                }

                var isBounded = bytes <= 64 * 1_048_576 && held.Count <= 1_024 && held.Count > 0;
                held.ForEach(static room => room.Dispose());
                using var again = delivery.TryReserve(sizes[0]);
                return isBounded && again is not null;
            },
            iter: 50);
    }

    [Theory]
    [InlineData("event")]
    [InlineData("request")]
    [InlineData("policy")]
    [InlineData("hash")]
    [InlineData("twice")]
    public async Task ReceiptThatDoesNotAuthoriseTheNote_PostsNothing(string difference)
    {
        var note = Note(new Uri("https://desk.example/"));
        var record = Record(note);
        var receipt = await _log.AppendAsync(
            difference switch
            {
                "event" => record with { Id = Guid.CreateVersion7() },
                "request" => record with { RequestId = Guid.CreateVersion7() },
                "policy" => record with { PolicyVersion = "sha256:other" },
                "hash" => record with { SentHash = "hmac-sha256:k:bb" },
                _ => record,
            },
            CancellationToken.None);
        if (difference == "twice")
        {
            _ = OutboundHandOff.Create(note, receipt);
        }

        Assert.Throws<InvalidOperationException>(() => OutboundHandOff.Create(note, receipt));
    }

    // The example in the specification of Standard Webhooks.
    [Fact]
    public void Signature_IsThatOfStandardWebhooks() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"u8));

    private Task<ScriptedProvider> DeskAsync(Func<int, int> status, Action<HttpContext>? also = null) => ScriptedProvider.StartAsync(http =>
    {
        http.Response.StatusCode = status(Interlocked.Increment(ref _posts));
        also?.Invoke(http);
        return Task.CompletedTask;
    });

    private HandOffDelivery Delivery(bool allowLoopback = true) => new(
        new HandOffSender(new ProviderConnections(_time, allowLoopback), new SecretResolver(null, _time, NullLogger<SecretResolver>.Instance), _time),
        (entry, _) =>
        {
            _ends.Enqueue(entry);
            _end.TrySetResult(entry);
        },
        new HandOffMetrics(_services.GetRequiredService<IMeterFactory>()),
        _time,
        NullLogger<HandOffDelivery>.Instance);

    private async Task<Guid> DeliverAsync(HandOffDelivery delivery, Uri desk, string? credential = null)
    {
        var note = Note(desk, credential);
        var receipt = await _log.AppendAsync(Record(note), CancellationToken.None);
        delivery.Deliver(OutboundHandOff.Create(note, receipt), delivery.TryReserve(note.Body.Length)!);
        return note.Id;
    }

    /// <summary>The one event it ends in.</summary>
    private async Task<AuditEvent> EndAsync()
    {
        var end = await _end.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(_ends);
        return end;
    }

    private static HandOffNote Note(Uri desk, string? credential = null) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), "sha256:4f1c", new HandOff("A colleague will answer you.", desk, credential), "{}"u8.ToArray(), 0, "hmac-sha256:k:aa");

    private static HandOffAuthorized Record(HandOffNote note) => new()
    {
        Id = note.Id,
        At = TimeProvider.System.GetUtcNow(),
        RequestId = note.RequestId,
        PolicyVersion = note.PolicyVersion,
        Route = "support-chat",
        Webhook = note.To.Webhook.GetLeftPart(UriPartial.Authority),
        AfterFailure = "status_503",
        Redactions = note.Redactions,
        SentHash = note.Hash,
        Node = "test",
    };
}
