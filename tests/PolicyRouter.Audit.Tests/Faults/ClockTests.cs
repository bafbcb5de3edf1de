using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Faults;

/// <summary>Our clock and the database's contradict one another.</summary>
public sealed class ClockTests : IAsyncLifetime
{
    private const int ClocksApart = 5115;
    private readonly FakeLogCollector _logged = new();
    private readonly LeapingTime _time = new();
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgresFixture.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(600)]
    [InlineData(-600)]
    [InlineData(40)]
    [InlineData(-40)]
    public async Task ClockFarOff_RecordsNothing_KeepsOutcomes_AndGoesOnWhenItIsRight(int seconds)
    {
        var request = Sample.Permit() with { At = _time.GetUtcNow() };
        var refused = Sample.Permit() with { At = _time.GetUtcNow() };
        await using (var log = await OpenAsync())
        {
            await log.AppendAsync(request, CancellationToken.None);
            _time.Offset = TimeSpan.FromSeconds(seconds);
            log.AppendOutcome(Sample.End(request.Id) with { At = _time.GetUtcNow() });
            var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(refused, CancellationToken.None));
            Assert.False(refusal.MayBeRecorded);
            Assert.False(log.IsWritable);

            _time.Offset = TimeSpan.Zero;
            await AppendUntilRecordedAsync(log);
        }

        var events = await StoredLog.EventsAsync(_database, "clock");
        Assert.Single(events, static stored => stored.Type == "request_completed");
        Assert.DoesNotContain(events, stored => stored.Id == refused.Id);
        Assert.Empty((await new LogVerifier([], []).VerifyDatabaseAsync(_database, CancellationToken.None)).Faults);
    }

    [Fact]
    public async Task ClockSecondsOff_RaisesAnAlarm_OnceUntilItIsRight_AndRecords()
    {
        await using var log = await OpenAsync();
        _time.Offset = TimeSpan.FromSeconds(8);
        await log.AppendAsync(Sample.Permit() with { At = _time.GetUtcNow() }, CancellationToken.None);
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!_logged.GetSnapshot().Any(static record => record.Id.Id == ClocksApart))
        {
            // It looks every second.
            await log.AppendAsync(Sample.Permit() with { At = _time.GetUtcNow() }, patience.Token);
        }

        Assert.True(log.IsWritable);
        Assert.Single(_logged.GetSnapshot(), static record => record.Id.Id == ClocksApart);
        Assert.Empty((await new LogVerifier([], []).VerifyDatabaseAsync(_database, CancellationToken.None)).Faults);
    }

    [Fact]
    public async Task StartWithAClockFarOff_IsRefused()
    {
        _time.Offset = TimeSpan.FromMinutes(-10);

        var refusal = await Assert.ThrowsAsync<AuditUnavailableException>(OpenAsync);

        Assert.Contains("600 seconds apart", refusal.Message, StringComparison.Ordinal);
    }

    private async Task AppendUntilRecordedAsync(AuditLog log)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        for (var isRecorded = false; !isRecorded;)
        {
            try
            {
                await log.AppendAsync(Sample.Deny() with { At = _time.GetUtcNow() }, patience.Token);
                isRecorded = true;
            }
            catch (AuditUnavailableException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private Task<AuditLog> OpenAsync() => AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = _database, Shard = "clock", Deadline = TimeSpan.FromSeconds(30) },
        _time, new LoggerFactory([new FakeLoggerProvider(_logged)]), CancellationToken.None);

    private sealed class LeapingTime : TimeProvider
    {
        private long _offset;

        public TimeSpan Offset { set => Interlocked.Exchange(ref _offset, value.Ticks); }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}
