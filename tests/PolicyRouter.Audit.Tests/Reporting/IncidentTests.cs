using PolicyRouter.Audit.Reporting;

namespace PolicyRouter.Audit.Tests.Reporting;

public class IncidentTests
{
    [Fact]
    public void Outage_OfAuthentication_IsOneIncident_WithWhoTookOver_AndWhoWasLeftWithNobody()
    {
        var story = OutageStory.Tell();

        var report = story.Report();

        var incident = Assert.Single(report.Incidents);
        Assert.Equal(("claude", "status_401"), (incident.Deployment, incident.Code));
        Assert.Equal((Story.At("14:02:01"), Story.At("15:21:01")), (incident.Began, incident.LastFailure));
        Assert.Equal(Story.At("15:22:01"), incident.AnsweredAgain);
        Assert.True(incident.IsOver);
        Assert.Equal(OutageStory.AuthenticationFailures, incident.Failures);
        Assert.Equal(new NamedCount("azure", OutageStory.TakenOver), Assert.Single(incident.TookOver));
        Assert.Equal(new NamedCount("azure", OutageStory.KeptAway), Assert.Single(incident.AnsweredInstead));
        Assert.Equal(OutageStory.TakenOver + OutageStory.KeptAway, incident.Affected.Answered);
        Assert.Equal(OutageStory.LeftWithNobody, incident.Affected.Lost);
        Assert.Equal(OutageStory.KeptAway + OutageStory.LeftWithNobody, incident.KeptAway);
        Assert.Equal(new NamedCount("eea", OutageStory.LeftWithNobody), Assert.Single(incident.LostSubjects));
        Assert.Equal(new NamedCount("pii", OutageStory.LeftWithNobody), Assert.Single(incident.LostClasses));
        Assert.Equal(0, incident.AnswersMeanwhile);

        Assert.Equal(OutageStory.RefusedByPolicy, report.Requests[RequestFate.Refused]);
        Assert.Equal(["F-GDPR-TRANSFER", "no permit for pii"], report.Refusals.Rules.Select(static rule => rule.Name));
        Assert.Equal("status_503", Assert.Single(report.Losses).Name);
        Assert.Equal(["deployment_suspended", "incident_began", "deployment_resumed", "incident_ended"], report.Timeline.Select(static entry => entry.Kind));
    }

    [Fact]
    public void TwoFailures_OrThreeWithAnAnswerBetween_AreNoIncident()
    {
        Story story = new();
        story.Lost(Story.At("10:00:00"), "claude status_500");
        story.Lost(Story.At("10:01:00"), "claude status_500");
        story.Permitted(Story.At("10:02:00"), "claude");
        story.Lost(Story.At("10:03:00"), "claude status_500");

        Assert.Empty(story.Report().Incidents);
    }

    [Fact]
    public void FewerFailures_AreAnIncident_WhenTheGatewayAvoidedTheDeploymentForThem()
    {
        Story story = new();
        story.Permitted(Story.At("10:00:00"), "azure", ["claude status_500"]);
        story.Permitted(Story.At("10:00:10"), "azure", avoided: ["groq", "claude"]);
        story.Permitted(Story.At("10:00:20"), "claude");

        var incident = Assert.Single(story.Report().Incidents);
        Assert.Equal((1L, 1L, 2L), (incident.Failures, incident.KeptAway, incident.Affected.Answered));
        Assert.Equal([new("azure", 1)], incident.TookOver);
        Assert.Equal([new("azure", 1)], incident.AnsweredInstead);
    }

    [Fact]
    public void AnswersOfOthers_AndOtherCodes_DoNotEndARun()
    {
        Story story = new();
        story.Permitted(Story.At("10:00:00"), "azure", ["claude status_500"]);
        story.Permitted(Story.At("10:10:00"), "azure", ["claude connect_failed"]);
        story.Permitted(Story.At("10:20:00"), "azure", ["claude status_500"]);
        story.Permitted(Story.At("10:30:00"), "azure", ["claude status_500"]);

        var incident = Assert.Single(story.Report().Incidents);
        Assert.Equal(("status_500", 3L, false), (incident.Code, incident.Failures, incident.IsOver));
        Assert.Null(incident.AnsweredAgain);
    }

    [Fact]
    public void FailureSoonAfterAnAnswer_IsTheSameIncident_AndLaterIsAnother()
    {
        Story story = new();
        Fail("10:00:00", "10:00:10", "10:00:20");
        story.Permitted(Story.At("10:01:00"), "claude");
        Fail("10:05:00");
        story.Permitted(Story.At("10:06:00"), "claude");
        Fail("10:30:00", "10:30:10", "10:30:20");

        var incidents = story.Report().Incidents;

        Assert.Equal([4L, 3L], incidents.Select(static incident => incident.Failures));
        Assert.Equal((1L, Story.At("10:06:01")), (incidents[0].AnswersMeanwhile, incidents[0].AnsweredAgain!.Value));
        Assert.Equal([true, false], incidents.Select(static incident => incident.IsOver));

        void Fail(params string[] times)
        {
            foreach (var time in times)
            {
                story.Lost(Story.At(time), "claude status_503");
            }
        }
    }

    [Fact]
    public void WhatEndedFirst_CountsFirst_WhateverWasDecidedFirst()
    {
        Story story = new();

        // Decided before the failures, answered after them: no answer between them.
        story.Permitted(Story.At("10:00:00"), "claude", seconds: 100);
        story.Lost(Story.At("10:00:10"), "claude status_500");
        story.Lost(Story.At("10:00:20"), "claude status_500");
        story.Lost(Story.At("10:00:30"), "claude status_500");

        Assert.Equal(Story.At("10:01:40"), Assert.Single(story.Report().Incidents).AnsweredAgain);
    }

    [Fact]
    public void FailuresOfTheRequestItself_AreNoIncident()
    {
        Story story = new();
        for (var i = 0; i < 5; i++)
        {
            story.Permitted(Story.At($"10:0{i}:00"), null, ["claude status_400"], "failed", 400);
            story.Permitted(Story.At($"10:0{i}:30"), "azure", ["claude request_not_carried"]);
        }

        var report = story.Report();

        Assert.Empty(report.Incidents);
        Assert.Equal(5, report.Requests[RequestFate.CallersFault]);
        Assert.All(report.Deployments.Single(static row => row.Deployment == "claude").Failures, static failure => Assert.False(failure.IsProviders));
    }

    [Fact]
    public void BrokenAnswers_AreFailuresOfWhoBrokeThem()
    {
        Story story = new();
        for (var i = 0; i < 3; i++)
        {
            story.Permitted(Story.At($"10:0{i}:00"), "claude", outcome: "incomplete");
        }

        var incident = Assert.Single(story.Report().Incidents);
        Assert.Equal(("claude", "broken_answer", 3L), (incident.Deployment, incident.Code, incident.Affected[RequestFate.Broken]));
    }

    [Fact]
    public void MoreIncidentsThanThereIsRoomFor_KeepTheLargest_AndTheRestIsCounted()
    {
        IncidentTracker tracker = new(most: 2);
        foreach (var (name, failures) in new[] { ("a", 5), ("b", 3), ("c", 9), ("d", 4) })
        {
            for (var i = 0; i < failures; i++)
            {
                var decided = Sample.Permit(at: Sample.Noon.AddSeconds(i));
                tracker.Add(new EndedRequest(decided, Sample.End(decided.Id, "failed", null) with { At = decided.At, Failures = [$"{name} status_500"] }, RequestFate.Unserved));
            }
        }

        Assert.Equal(["a", "c"], tracker.End(Sample.Noon.AddDays(1)).Select(static incident => incident.Deployment));
        Assert.Equal(2, tracker.LeftOut);
    }
}
