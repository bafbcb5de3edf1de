using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Tests.Faults;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Appending;

/// <summary>An epoch holds one calendar month at most; the clock belongs to the test.</summary>
public sealed class RollOverTests : IAsyncLifetime
{
    private const string Shard = "gateway";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 4, 30, 23, 59, 58, TimeSpan.Zero));
    private readonly SealedLog _log = new(Shard);

    public Task InitializeAsync() => _log.CreateAsync(2);

    public Task DisposeAsync() => _log.CleanAsync();

    [Fact]
    public async Task MonthThatBegins_EndsTheEpoch_AndBothAreSealed()
    {
        await using (var log = await _log.OpenAsync(time: _time))
        {
            await AppendAsync(log, 3);
            _time.Advance(TimeSpan.FromSeconds(1));
            await AppendAsync(log, 1);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(0, (await log.AppendAsync(SealedLog.Event(0), CancellationToken.None)).Index);
            await AppendAsync(log, 1);
            Assert.True(await log.ReadBackAsync(CancellationToken.None));

            // Nothing was recorded in May and June, and July begins.
            _time.Advance(TimeSpan.FromDays(62));
            await AppendAsync(log, 1);
            Assert.True(await log.ReadBackAsync(CancellationToken.None));
        }

        var report = await _log.VerifyAsync(roots: _log.Checkpoints);
        Assert.Empty(report.Faults);
        Assert.Equal([(1L, 2L, (long?)2), (2, 4, 4), (3, 2, 2), (4, 1, 1)], report.Logs.Select(static log => (log.Epoch, log.Entries, log.Covered)));
        Assert.Equal(
            3, await Sql.ScalarAsync<long>(_log.Database, "SELECT count(*) FROM audit.tlog_head h JOIN audit.tlog_head n ON n.epoch = h.epoch + 1 AND n.opened_at = h.closed_at OR h.epoch = 1 AND n.epoch = 2"));
    }

    [Fact]
    public async Task EventThatComesBackChanged_IsFound_AlsoWhenItsEpochHasEndedMeanwhile()
    {
        await using var log = await _log.OpenAsync(time: _time);
        await AppendAsync(log, 3);
        await Sql.ExecuteAsync(
            _log.Database, "UPDATE audit.mt_events SET bdata = '{}' WHERE version = 2 AND stream_id = (SELECT stream_id FROM audit.tlog_head WHERE epoch = 2)");
        _time.Advance(TimeSpan.FromSeconds(2));
        await AppendAsync(log, 1);

        Assert.False(await log.ReadBackAsync(CancellationToken.None));
        Assert.False(log.IsWritable);
    }

    [Fact]
    public async Task ClockThatGoesBack_EndsNothing()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 1, 0, 0, 1, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };
        await using var log = await _log.OpenAsync(time: time);
        await AppendAsync(log, 1);
        time.AdjustTime(time.GetUtcNow().AddDays(-3));
        Assert.Equal(1, (await log.AppendAsync(SealedLog.Event(0), CancellationToken.None)).Index);
    }

    [Fact]
    public async Task ShardThatAnotherProcessTook_IsNotOpenedAgainByTheMonth()
    {
        await using var log = await _log.OpenAsync(time: _time);
        await AppendAsync(log, 1);
        await using var other = await _log.OpenAsync(time: _time);
        _time.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(SealedLog.Event(0), CancellationToken.None));
        Assert.False(log.IsWritable);
        await AppendAsync(other, 1);
        Assert.Equal(4, await Sql.ScalarAsync<long>(_log.Database, "SELECT max(epoch) FROM audit.tlog_head"));
    }

    [Fact]
    public async Task LostAnswerToTheRollOver_RefusesTheBatch_AndTheLogGoesOnInTheNewEpoch()
    {
        await using LostAnswerProxy proxy = new(_log.Database);
        await using (var log = await _log.OpenAsync(time: _time, database: proxy.ConnectionString))
        {
            await AppendAsync(log, 2);
            _time.Advance(TimeSpan.FromSeconds(2));
            proxy.LoseTheNextCommitsAnswer();
            await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(SealedLog.Event(0), CancellationToken.None));
            Assert.Equal(1, proxy.LostAnswers);

            await ServerKillTests.AppendUntilRecordedAsync(log);
            Assert.True(log.IsWritable);
        }

        Assert.Equal("2 2 1", await Sql.ScalarAsync<string>(_log.Database, "SELECT string_agg(size::text, ' ' ORDER BY epoch) FROM audit.tlog_head"));
        await StoredLog.AssertConsistentAsync(_log.Database, Shard, epoch: 3);
    }

    private static async Task AppendAsync(AuditLog log, int events)
    {
        for (var i = 0; i < events; i++)
        {
            await log.AppendAsync(SealedLog.Event(i), CancellationToken.None);
        }
    }
}
