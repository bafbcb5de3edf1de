using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Tests.Snapshots;

public sealed class PolicySourceTests
{
    private static readonly Problem Fault = new("policies/rules/core.yaml", 14, 3, "PR012", Severity.Error, "text of the file", 4, "secret line", null);

    [Fact]
    public async Task RefusedFolder_IsRecordedOnce_ByPlaceAndCodeWithoutItsText()
    {
        List<AuditEvent> recorded = [];
        using PolicySource source = Source(_ => new PolicyLoadResult.Refused([Fault]), recorded.Add);

        Assert.False(await source.ReloadAsync(CancellationToken.None));
        Assert.False(await source.ReloadAsync(CancellationToken.None));

        var rejected = Assert.IsType<PolicyRejected>(Assert.Single(recorded));
        Assert.Equal(["policies/rules/core.yaml:14:3 PR012"], rejected.Problems);
        Assert.Equal(rejected.Problems, source.Refused);
        Assert.Null(source.Active);
    }

    [Fact]
    public async Task LoadingThatThrows_IsARefusal_AndTheLastGoodPolicyStays()
    {
        List<AuditEvent> recorded = [];
        var isBroken = false;
        PolicyLoadResult.Loaded policy = new(ShippedPolicies.Snapshot, []);
        using PolicySource source = Source(_ => isBroken ? throw new ArgumentOutOfRangeException("text of the file") : policy, recorded.Add);
        await source.ReloadAsync(CancellationToken.None);
        isBroken = true;

        Assert.False(await source.ReloadAsync(CancellationToken.None));
        Assert.False(await source.ReloadAsync(CancellationToken.None));

        Assert.Equal(["policies:1:1 PR001"], Assert.Single(recorded.OfType<PolicyRejected>()).Problems);
        Assert.Equal(["policies:1:1 PR001"], source.Refused);
        Assert.Same(policy.Snapshot, source.Active);
    }

    [Fact]
    public async Task RefusalThatCannotBeRecorded_IsTriedAgain()
    {
        var isDown = true;
        List<AuditEvent> recorded = [];
        using PolicySource source = Source(
            _ => new PolicyLoadResult.Refused([Fault]),
            entry =>
            {
                if (isDown)
                {
                    throw new AuditUnavailableException("down");
                }

                recorded.Add(entry);
            });

        Assert.False(await source.ReloadAsync(CancellationToken.None));
        isDown = false;
        Assert.False(await source.ReloadAsync(CancellationToken.None));

        Assert.Single(recorded);
    }

    [Fact]
    public async Task ASnapshotThatNobodyConfirms_GrowsOld_AndIsYoungAgainOnceTheFolderIsGood()
    {
        FakeTimeProvider time = new();
        var isGood = true;
        var policy = new PolicyLoadResult.Loaded(ShippedPolicies.Snapshot, []);
        using PolicySource source = Source(_ => isGood ? policy : new PolicyLoadResult.Refused([Fault]), static _ => { }, time, TimeSpan.FromHours(24));

        Assert.Null(source.Age);
        await source.ReloadAsync(CancellationToken.None);
        isGood = false;
        time.Advance(TimeSpan.FromHours(24));
        await source.ReloadAsync(CancellationToken.None);

        Assert.Equal((TimeSpan.FromHours(24), false), (source.Age, source.IsStale));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsStale);
        Assert.NotNull(source.Active);
        isGood = true;
        await source.ReloadAsync(CancellationToken.None);
        Assert.Equal((TimeSpan.Zero, false), (source.Age, source.IsStale));
    }

    [Fact]
    public async Task WithoutALimit_NoSnapshotIsStale()
    {
        FakeTimeProvider time = new();
        using PolicySource source = Source(static _ => new PolicyLoadResult.Loaded(ShippedPolicies.Snapshot, []), static _ => { }, time);
        await source.ReloadAsync(CancellationToken.None);

        time.Advance(TimeSpan.FromDays(400));

        Assert.False(source.IsStale);
    }

    [Fact]
    public async Task TheAgeIsAMetric_InSeconds()
    {
        FakeTimeProvider time = new();
        using PolicySource source = Source(static _ => new PolicyLoadResult.Loaded(ShippedPolicies.Snapshot, []), static _ => { }, time);
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using PolicyMetrics metrics = new(services.GetRequiredService<IMeterFactory>(), source);
        using MetricCollector<double> collector = new(services.GetRequiredService<IMeterFactory>(), PolicyMetrics.MeterName, "policyrouter.policy.age");

        collector.RecordObservableInstruments();
        Assert.Empty(collector.GetMeasurementSnapshot());
        await source.ReloadAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(90));
        collector.RecordObservableInstruments();

        Assert.Equal(90, Assert.Single(collector.GetMeasurementSnapshot()).Value);
    }

    [Fact]
    public async Task PapersThatEndSoon_AreToldWithANewPolicy_AndOnTheDaysOfTheirReminders()
    {
        // The shipped BAA of Anthropic ends on 2029-12-31: 90 days before that is 2 October.
        FakeTimeProvider time = new(new DateTimeOffset(2029, 10, 1, 17, 0, 0, TimeSpan.Zero));
        FakeLogger<PolicySource> log = new();
        using PolicySource source = Source(static _ => new PolicyLoadResult.Loaded(ShippedPolicies.Snapshot, []), static _ => { }, time, log: log);
        await source.ReloadAsync(CancellationToken.None);
        Assert.DoesNotContain(log.Collector.GetSnapshot(), static line => line.Message.Contains("ends on 2029-12-31", StringComparison.Ordinal));

        for (var day = 0; day < 91; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await source.ReloadAsync(CancellationToken.None);
            await source.ReloadAsync(CancellationToken.None);
        }

        var reminders = log.Collector.GetSnapshot().Where(static line => line.Message.Contains("BAA-ANTHROPIC", StringComparison.Ordinal) && line.Message.Contains("ends on", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["90 days", "60 days", "30 days", "7 days", "0 days"],
            reminders.Select(static line => System.Text.RegularExpressions.Regex.Match(line.Message, "[0-9]+ days?").Value));
        Assert.All(reminders, static line => Assert.Equal(LogLevel.Warning, line.Level));
    }

    private static PolicySource Source(
        Func<PolicySnapshot?, PolicyLoadResult> load, Action<AuditEvent> append, FakeTimeProvider? time = null, TimeSpan? maxAge = null, ILogger<PolicySource>? log = null) => new(
        load,
        maxAge,
        (entry, _) =>
        {
            append(entry);
            return Task.CompletedTask;
        },
        new NodeName("node"),
        time ?? new FakeTimeProvider(),
        log ?? NullLogger<PolicySource>.Instance);
}
