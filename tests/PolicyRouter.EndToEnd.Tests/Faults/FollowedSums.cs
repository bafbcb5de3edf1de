using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>The sums that the gateways keep behind the log, by turns.</summary>
internal static class FollowedSums
{
    /// <summary>Returns when one of the nodes keeps them; fails when two do.</summary>
    public static Task OneLeaderAsync(string connectionString) => Eventually.HoldsAsync(async () =>
    {
        var leaders = await Sql.ScalarAsync<long>(
            connectionString,
            $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = {(uint)LeaderLock.Number} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        Assert.InRange(leaders, 0, 1);
        return leaders == 1;
    });

    /// <summary>Once what the gateways left is counted as well, the sums are those of the events.</summary>
    public static async Task AssertExactAsync(string connectionString)
    {
        await using var last = await AuditProjections.StartAsync(connectionString, "test", TimeProvider.System, NullLoggerFactory.Instance);
        await using var history = AuditHistory.Open(connectionString + ";Pooling=false");
        var events = await Reconciliation.RecordedAsync(connectionString);
        var days = (First: DateOnly.FromDateTime(events.Min(static one => one.At).UtcDateTime), Last: DateOnly.FromDateTime(events.Max(static one => one.At).UtcDateTime));
        SumPage<UsageRow>? usage = null;
        SumPage<DisclosureRow>? disclosures = null;
        await Eventually.HoldsAsync(async () =>
        {
            usage = await history.UsageAsync(new UsageQuery(days.First, days.Last.AddDays(1)), CancellationToken.None);
            disclosures = await history.DisclosuresAsync(new DisclosureQuery(days.First, days.Last.AddDays(1)), CancellationToken.None);
            return usage.Standing.Behind + disclosures.Standing.Behind == 0;
        });

        Assert.Equal(
            events.OfType<RequestCompleted>().GroupBy(static end => (end.Deployment, end.Outcome)).Select(static group => (group.Key, Count: (long)group.Count())).Order(),
            usage!.Rows.SelectMany(static row => row.Ended.Select(end => (row.Deployment, Outcome: end.Key, Count: end.Value))).GroupBy(static row => (row.Deployment, row.Outcome))
                .Select(static group => (group.Key, Count: group.Sum(static row => row.Count))).Order());

        var decided = events.OfType<RequestDecided>().ToDictionary(static one => one.Id);
        var sends = decided.Values.Where(static one => one.AuthorizedDeployment is not null).Select(static one => (Deployment: one.AuthorizedDeployment!, Decision: one))
            .Concat(events.OfType<AttemptAuthorized>().Select(attempt => (Deployment: attempt.AuthorizedDeployment, Decision: decided[attempt.RequestId])));
        Assert.Equal(
            sends.SelectMany(static send => send.Decision.FinalClasses.Select(name => (send.Deployment, Class: name))).GroupBy(static one => one)
                .Select(static group => (group.Key, Count: (long)group.Count())).Order(),
            disclosures!.Rows.GroupBy(static row => (row.Deployment, Class: row.Class!)).Select(static group => (group.Key, Count: group.Sum(static row => row.Sends))).Order());
    }
}
