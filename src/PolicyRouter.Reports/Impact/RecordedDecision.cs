using System.Globalization;
using PolicyRouter.Audit.Events;
using PolicyRouter.Policies.Replaying;

namespace PolicyRouter.Reports.Impact;

/// <summary>A recorded decision in the words of the policy, to be decided again.</summary>
public static class RecordedDecision
{
    public static RecordedRequest Of(RequestDecided decided) => new()
    {
        Day = DateOnly.ParseExact(decided.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        Route = decided.Route,
        Caller = decided.App,
        Tenant = decided.Tenant,
        BusinessUnit = decided.BusinessUnit,
        FloorClasses = decided.FloorClasses,
        DeclaredClasses = decided.DeclaredClasses,
        DetectedClasses = decided.DetectedClasses,
        FinalClasses = decided.FinalClasses,
        Subjects = decided.Subjects,
        Purpose = decided.Purpose,
        Features = decided.Features,
        Approvals = [.. decided.Approvals.Select(static approval => new HeldApproval(approval.Rule, approval.Role))],
        BreakGlassRules = decided.BreakGlass?.Rules ?? [],
        Permitted = [.. decided.Plan, .. decided.Unsuitable.Select(static other => other.Deployment)],
        Planned = decided.Plan,
        Duties = [.. decided.Duties.Select(static duty => new RecordedRequestDuty(duty.Deployment, duty.Rule, duty.Redact))],
    };
}
