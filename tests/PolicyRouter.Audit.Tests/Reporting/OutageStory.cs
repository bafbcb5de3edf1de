using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Tests.Reporting;

/// <summary>The outage of 28 April 2026 in short: authentication errors at one provider from 14:02 to 15:21, another takes over, EU requests find nobody.</summary>
internal static class OutageStory
{
    public const int AuthenticationFailures = 80;
    public const int TakenOver = 80;
    public const int KeptAway = 40;
    public const int LeftWithNobody = 20;
    public const int RefusedByPolicy = 10;

    public static Story Tell()
    {
        Story story = new();
        for (var minute = 0; minute < 60; minute++)
        {
            story.Permitted(Story.At($"13:{minute:00}:00"), "claude");
        }

        var start = Story.At("14:02:00");
        for (var minute = 0; minute < 80; minute++)
        {
            var at = start.AddMinutes(minute);

            // The first, then one trial a minute.
            story.Permitted(at, "azure", ["claude status_401"]);
            if (minute is > 0 and <= KeptAway)
            {
                story.Permitted(at.AddSeconds(10), "azure", avoided: ["claude"]);
            }

            if (minute is >= 10 and < 10 + LeftWithNobody)
            {
                // Only claude may have these, and its breaker is open: nothing is sent.
                var decided = Sample.Permit(at: at.AddSeconds(20)) with { Route = "eu-support", FinalClasses = ["pii"], Subjects = ["eea"], Plan = ["claude"], Avoided = ["claude"] };
                story.Add(decided);
                story.Add(Sample.End(decided.Id, "failed", null) with { At = decided.At.AddSeconds(1), HttpStatus = 503, Attempts = 0, InputTokens = null, OutputTokens = null });
            }

            if (minute is >= 40 and < 40 + RefusedByPolicy)
            {
                story.Refused(at.AddSeconds(30));
            }
        }

        story.Add(Suspension("14:00:00", suspends: true));
        story.Add(Suspension("15:00:00", suspends: false));
        for (var minute = 22; minute < 60; minute++)
        {
            story.Permitted(Story.At($"15:{minute:00}:00"), "claude");
        }

        return story;
    }

    private static AuditEvent Suspension(string at, bool suspends) => suspends
        ? new DeploymentSuspended { Id = Guid.CreateVersion7(), At = Story.At(at), Deployment = "groq", By = "operator-1", Reason = "papers under review", Node = "n" }
        : new DeploymentResumed { Id = Guid.CreateVersion7(), At = Story.At(at), Deployment = "groq", By = "operator-1", Reason = "papers found", Node = "n" };
}
