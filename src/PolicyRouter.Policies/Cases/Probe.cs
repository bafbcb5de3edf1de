using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>
/// Tells for whom one rule fires, by asking the engine itself about a policy that holds this rule and nothing that could hide it.
/// </summary>
internal sealed class Probe
{
    private const string Everything = "everything";

    private readonly Rule _rule;
    private readonly PolicySnapshot _snapshot;

    public Probe(PolicyModel model, Rule rule)
    {
        // A rule on trial would show nowhere. A duty shows only where a request is allowed; as a forbid the same conditions, with the same answers to what is unknown,
        // show everywhere. An advisory forbid warns only.
        _rule = rule with { Shadow = false };
        if (rule.Effect is Effect.Forbid or Effect.Require)
        {
            _rule = _rule with { Effect = Effect.Forbid, Strength = Strength.Absolute, Duty = null };
        }

        _snapshot = new(
            model with
            {
                Rules = rule.Effect is Effect.Prefer ? [_rule, PermitFor(model, rule)] : [_rule],
                Routes = [],
                Tenants = [],
                Suite = PolicySuite.Empty,
            },
            PolicySnapshot.DenyAll.Version);
    }

    /// <summary>
    /// The deployments for which the rule fires on this request, whatever other rules say; for a permit each with the class that it
    /// lets go there, for a preference only those it moves forward.
    /// </summary>
    public IReadOnlySet<string> Fires(PolicyRequest request)
    {
        // A route orders and leaves out; neither is about this rule.
        var decision = _snapshot.Decide(request with { Route = null });
        return _rule.Effect switch
        {
            Effect.Forbid => Set(decision.Denied.Where(d => d.Reasons.Any(reason => reason.Rule == _rule.Id)).Select(static d => d.DeploymentId)),
            Effect.Permit => Set(
                from deployment in _snapshot.Deployments
                from covered in _rule.CoversData
                where decision.Classes.Final.Contains(covered) && !Lacks(decision, deployment.Id, covered)
                select $"{deployment.Id} {covered}"),
            _ => Set(decision.Permitted.Where(static p => p.Preference > 0).Select(static p => p.Deployment.Id)),
        };
    }

    private static bool Lacks(Decision decision, string deployment, string dataClass) =>
        decision.Denied.Any(d => d.DeploymentId == deployment && d.Reasons.Any(reason => reason.Rule == $"no permit for {dataClass}"));

    private static HashSet<string> Set(IEnumerable<string> ids) => ids.ToHashSet(StringComparer.Ordinal);

    private static Rule PermitFor(PolicyModel model, Rule rule) => new()
    {
        Id = Everything,
        Title = Everything,
        Effect = Effect.Permit,
        Owner = rule.Owner,
        InForce = new(DateOnly.MinValue, null),
        Reason = Everything,
        Citation = [],
        WhenAll = [],
        UnlessAny = [],
        CoversData = [.. model.Classes.Select(static c => c.Id), CompiledWords.Unclassified],
    };
}
