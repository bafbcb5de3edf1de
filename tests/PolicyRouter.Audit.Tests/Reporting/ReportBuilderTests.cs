using CsCheck;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reporting;

namespace PolicyRouter.Audit.Tests.Reporting;

public class ReportBuilderTests
{
    [Theory]
    [InlineData("completed", 200, "claude", "", RequestFate.Answered)]
    [InlineData("completed", 200, "claude", "azure status_500", RequestFate.Answered)]
    [InlineData("failed", 503, null, "azure status_500", RequestFate.Unserved)]
    [InlineData("failed", 504, null, "", RequestFate.Unserved)]
    [InlineData("failed", null, null, "", RequestFate.Unserved)]
    [InlineData("failed", 400, null, "azure status_400", RequestFate.CallersFault)]
    [InlineData("handed-off", 200, null, "azure status_500", RequestFate.HandedOff)]
    [InlineData("incomplete", 200, "claude", "", RequestFate.Broken)]
    [InlineData("unknown", null, null, "", RequestFate.Unknown)]
    [InlineData("cancelled", null, null, "", RequestFate.CallerLeft)]
    [InlineData("cancelled", null, null, "azure first_token_timeout", RequestFate.Unserved)]
    [InlineData("cancelled", 200, "claude", "azure status_500", RequestFate.CallerLeft)]
    public void End_DecidesTheFate(string outcome, int? status, string? deployment, string failure, RequestFate fate)
    {
        Story story = new();
        story.Permitted(Sample.Noon, deployment, failure.Length == 0 ? [] : [failure], outcome, status);

        Assert.Equal(1, story.Report().Requests[fate]);
    }

    [Fact]
    public void Refusals_DoNotCount_UnlessASuspensionOrAStalePolicyIsWhy()
    {
        Story story = new();
        story.Refused(Sample.Noon);
        story.Refused(Sample.Noon, "approval_required");
        story.Refused(Sample.Noon, "policy_unavailable");
        story.Add(Sample.Deny(Sample.Noon) with { Unsuitable = [new("azure", ["suspended"])] });
        story.Add(Sample.Deny(Sample.Noon) with { Unsuitable = [new("azure", ["feature not offered: tools"])] });
        story.Add(Sample.Permit(at: Sample.Noon) with { Outcome = "dry-run", AuthorizedDeployment = null });
        story.Add(Sample.Permit(at: Sample.Noon));

        var report = story.Report();

        Assert.Equal(3, report.Requests[RequestFate.Refused]);
        Assert.Equal(2, report.Requests[RequestFate.Unserved]);
        Assert.Equal(1, report.Requests[RequestFate.DryRun]);
        Assert.Equal(1, report.Requests[RequestFate.Open]);
        Assert.Equal(0, report.Requests.Availability);
        Assert.Equal(["policy_unavailable", "suspended"], report.Losses.Select(static loss => loss.Name).Order());
    }

    [Fact]
    public void Target_IsMetToTheLastRequest_AndTheBudgetIsWhatItLeaves()
    {
        FateCounts counts = new();
        for (var i = 0; i < 999; i++)
        {
            counts.Add(RequestFate.Answered);
        }

        counts.Add(RequestFate.Broken);
        Assert.True(counts.Meets(0.999));
        Assert.Equal(1, counts.BudgetUsed(0.999)!.Value, 6);

        counts.Add(RequestFate.Unknown);
        Assert.False(counts.Meets(0.999));
        Assert.True(counts.BudgetUsed(0.999) > 1.9);
        Assert.Null(new FateCounts().Availability);
        Assert.True(new FateCounts().Meets(0.999));
    }

    [Fact]
    public void TokensAndCost_AreSummedByDeploymentAndCurrency_EstimatesApart()
    {
        Story story = new();
        foreach (var (currency, estimated) in new[] { ("USD", false), ("USD", true), ("EUR", false) })
        {
            var decided = Sample.Permit(at: Sample.Noon);
            story.Add(decided);
            story.Add(Sample.End(decided.Id, deployment: "claude") with { Currency = currency, CostMicros = 2_500, AreTokensEstimated = estimated });
        }

        story.Lost(Sample.Noon, "claude status_500");

        Assert.Equal(
            [new UsageFigures("claude", "EUR", 1, 0, 310, 95, 2_500, 0), new UsageFigures("claude", "USD", 2, 1, 620, 190, 5_000, 2_500)],
            story.Report().Usage);
    }

    [Fact]
    public void MoreNamesThanThereIsRoomFor_AreSummedUnderOthers_AndNoRequestIsLost()
    {
        Story story = new();
        for (var i = 0; i < Tally.MostNames + 100; i++)
        {
            story.Permitted(Sample.Noon, "claude", route: $"route-{i}", classes: [$"class-{i}"]);
        }

        var report = story.Report();

        Assert.Equal(Tally.MostNames, report.Routes.Count);
        Assert.Equal(Tally.MostNames + 100, report.Routes.Sum(static route => route.Requests.Total));
        Assert.Equal(101, report.Classes.Single(static label => label.Class == Tally.Others).Requests.Total);
    }

    [Fact]
    public void PolicyOfManyNodes_IsOneEntry_UntilAnotherComesIntoForce()
    {
        Story story = new();
        foreach (var (version, minutes) in new[] { ("v1", 0), ("v1", 1), ("v2", 2), ("v1", 3) })
        {
            story.Add(new PolicyActivated { Id = Guid.CreateVersion7(), At = Sample.Noon.AddMinutes(minutes), PolicyVersion = version, PreviousVersion = null, Node = $"node-{minutes}" });
        }

        Assert.Equal([("v1", 2L), ("v2", 1L), ("v1", 1L)], story.Report().Timeline.Select(static entry => (entry.Subject, entry.Count)));
    }

    /// <summary>A period of any length has at most 48 intervals, which cover it, and every time in it falls into the right one.</summary>
    [Fact]
    public void Intervals_CoverThePeriod() => Gen.Select(Gen.Long[1, TimeSpan.FromDays(20_000).Ticks], Gen.Double[0, 0.999_999]).Sample(static (ticks, share) =>
    {
        ReportPeriod period = new(Sample.Noon, Sample.Noon.AddTicks(ticks));
        var time = Sample.Noon.AddTicks((long)(ticks * share));
        var interval = period.IntervalOf(time);

        Assert.InRange(period.Intervals, 1, ReportPeriod.MostIntervals);
        Assert.True(period.StartOf(period.Intervals) >= period.To);
        Assert.True(period.StartOf(interval) <= time && time < period.StartOf(interval + 1));
    });

    /// <summary>Whatever was recorded: every decided request has one fate, and every sum is the sum of its parts.</summary>
    [Fact]
    public void Counts_AddUp() => AnyRequest.Array[0, 60].Sample(static requests =>
    {
        Story story = new();
        foreach (var (decided, end) in requests)
        {
            story.Add(decided);
            if (end is not null)
            {
                story.Add(end);
            }
        }

        var report = story.Report();
        var refused = requests.Count(static request => request.Decided.Outcome == "deny");

        Assert.Equal(requests.Length, report.Requests.Total);
        Assert.Equal(requests.Length, Enum.GetValues<RequestFate>().Sum(fate => report.Requests[fate]));
        Assert.Equal(requests.Length, report.Routes.Sum(static route => route.Requests.Total));
        Assert.Equal(requests.Length, report.Source.Policies.Sum(static policy => policy.Requests));
        Assert.Equal(report.Requests.Answered, report.Routes.Sum(static route => route.Intervals.Sum(static interval => interval.Answered)));
        Assert.Equal(report.Requests.Lost, report.Routes.Sum(static route => route.Intervals.Sum(static interval => interval.Failed)));
        Assert.Equal(report.Requests.Lost, report.Losses.Sum(static loss => loss.Count));
        Assert.Equal(report.Requests[RequestFate.Refused], report.Refusals.Codes.Sum(static code => code.Count));
        Assert.InRange(report.Requests[RequestFate.Refused], 0, refused);
        Assert.All(report.Routes, static route => Assert.All(route.Classes, label => Assert.InRange(label.Requests.Total, 1, route.Requests.Total)));
        Assert.Equal(
            requests.Sum(static request => request.End is { } end && request.Decided.Outcome == "permit" ? end.Failures.Count + (end is { Outcome: "incomplete", Deployment: not null } ? 1 : 0) : 0),
            report.Deployments.Sum(static deployment => deployment.Failures.Sum(static failure => failure.Count)));
        Assert.All(report.Incidents, static incident =>
        {
            Assert.True(incident.Failures >= Incident.MinFailures || incident.KeptAway > 0);
            Assert.InRange(incident.Affected.Total - incident.KeptAway, 1, incident.Failures);
            Assert.True(incident.Began <= incident.LastFailure);
            Assert.True(incident.AnsweredAgain is null || incident.AnsweredAgain >= incident.LastFailure);
        });
    });

    internal static readonly Gen<(RequestDecided Decided, RequestCompleted? End)> AnyRequest = Gen.Select(
        AnyOf("permit", "permit", "permit", "deny", "dry-run"),
        AnyOf<string?>("completed", "completed", "failed", "incomplete", "cancelled", "handed-off", "unknown", null),
        AnyOf<string?>("claude", "azure", null),
        AnyOf("claude status_401", "claude status_500", "azure status_500", "azure status_400", "mistral suspended").Array[0, 3],
        Gen.Int[0, 7_200],
        Gen.Int[0, 120],
        AnyOf(200, 400, 503, 504),
        AnyOf("phi", "pii", "card-number").Array[0, 3])
        .Select(static (outcome, end, by, failures, second, lasted, status, classes) =>
        {
            var decided = (outcome == "deny" ? Sample.Deny(Sample.Noon.AddSeconds(second)) : Sample.Permit(at: Sample.Noon.AddSeconds(second))) with
            {
                Outcome = outcome,
                FinalClasses = classes,
                Route = classes.Length == 0 ? "clinical-chat" : "support-chat",
                Avoided = second % 3 == 0 ? ["claude", "azure"] : [],
            };
            return (decided, end is null || outcome != "permit" ? null : Sample.End(decided.Id, end, end is "failed" or "unknown" or "handed-off" ? null : by) with
            {
                At = decided.At.AddSeconds(lasted), Failures = failures, HttpStatus = status,
            });
        });

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
