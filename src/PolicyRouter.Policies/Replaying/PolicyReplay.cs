using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Replaying;

/// <summary>
/// Decides recorded requests again under another policy. The answer holds ids only: overrides are taken as the record has them, so that nothing that
/// comes out of a replay may be a licence to send.
/// </summary>
public sealed class PolicyReplay(PolicySnapshot snapshot)
{
    /// <param name="recorded">The request and what became of it.</param>
    /// <param name="on">The day to decide for; null for the recorded one.</param>
    public ReplayedRequest Decide(RecordedRequest recorded, DateOnly? on = null)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        if (!snapshot.Offers(recorded.Route))
        {
            return new(IsRouteGone: true, NewlyAllowed: [], [.. recorded.Permitted.Select(static id => new ReplayedDenial(id, []))], DutiesChanged: [], IsAnswerable: false);
        }

        var decision = snapshot.Decide(Lowered(RequestOf(recorded, on ?? recorded.Day), recorded));
        var permitted = decision.Permitted.ToDictionary(static target => target.Deployment.Id, static target => target.Duties, StringComparer.Ordinal);
        return new(
            IsRouteGone: false,
            NewlyAllowed: [.. permitted.Keys.Except(recorded.Permitted, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            NewlyDenied:
            [
                .. recorded.Permitted.Where(id => !permitted.ContainsKey(id)).Order(StringComparer.Ordinal).Select(id => new ReplayedDenial(id, ReasonsFor(decision, id))),
            ],
            DutiesChanged:
            [
                .. recorded.Planned
                    .Where(id => permitted.TryGetValue(id, out var now) && !Same(recorded.Duties.Where(duty => duty.Deployment == id), now))
                    .Order(StringComparer.Ordinal),
            ],
            IsAnswerable: permitted.Count > 0);
    }

    private static PolicyRequest RequestOf(RecordedRequest recorded, DateOnly day) => new()
    {
        Day = day,
        FloorClasses = recorded.FloorClasses,
        DeclaredClasses = recorded.DeclaredClasses,
        DetectedClasses = recorded.DetectedClasses,
        Subjects = recorded.Subjects,
        Purpose = recorded.Purpose,
        Features = recorded.Features,
        Route = recorded.Route,
        Caller = recorded.Caller,
        Tenant = recorded.Tenant,
        BusinessUnit = recorded.BusinessUnit,
        Approvals = [.. recorded.Approvals.Select(static held => Approval.Supposed(held.Rule, held.Role))],
        // The record says that the token was good for this caller and these classes.
        BreakGlass = recorded.BreakGlassRules.Count == 0
            ? null
            : new(recorded.BreakGlassRules, recorded.Caller, recorded.FinalClasses, ticket: "", DateTimeOffset.MaxValue, signedBy: []),
    };

    /// <summary>Lowers what was lowered then, as far as the policy still has the line. What the second scan found is among the final classes.</summary>
    private PolicyRequest Lowered(PolicyRequest request, RecordedRequest recorded) => snapshot.LoweringsHeldBy(request)
        .Where(line => !recorded.FinalClasses.Contains(line.From, StringComparer.Ordinal))
        .Aggregate(request, (lowered, line) => snapshot.Lower(lowered, line.From, line.Profile, recorded.FinalClasses) ?? lowered);

    private static IReadOnlyList<string> ReasonsFor(Decision decision, string deployment) =>
        decision.Denied.FirstOrDefault(denied => denied.DeploymentId == deployment) is { } denied
            ? [.. denied.Reasons.Select(static reason => reason.Rule)]
            : [decision.OutsideRoute.Contains(deployment, StringComparer.Ordinal) ? "outside the route" : "no such deployment"];

    private static bool Same(IEnumerable<RecordedRequestDuty> then, Duties now) => then
        .Select(static duty => (duty.Rule, duty.Redact))
        .ToHashSet()
        .SetEquals(now.Firing.Select(static duty => (duty.Rule, duty.Redact)));
}
