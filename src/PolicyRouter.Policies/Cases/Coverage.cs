using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>Measures what the cases of a policy exercise.</summary>
internal static class Coverage
{
    public static CoverageReport Of(PolicyModel model)
    {
        var rules = OwnedRule.AllOf(model);
        return new(
            [.. rules.Select(owned => new CoveredRule(owned.Rule.Id, Fires(model, owned)))],
            [.. rules.SelectMany(owned => owned.Rule.UnlessAny.Select((arm, i) => new CoveredArm(owned.Rule.Id, i + 1, arm.Phrase.Name, Stops(model, owned, arm))))],
            Edges(model));
    }

    private static bool Fires(PolicyModel model, OwnedRule owned)
    {
        Probe probe = new(model, owned.Rule);
        return owned.Questions(model.Suite).Any(request => probe.Fires(request).Count > 0);
    }

    /// <summary>True when in some case, for some deployment, the rule would fire without exceptions and does not with this one alone.</summary>
    private static bool Stops(PolicyModel model, OwnedRule owned, Condition arm)
    {
        Probe without = new(model, owned.Rule with { UnlessAny = [] });
        Probe with = new(model, owned.Rule with { UnlessAny = [arm] });
        return owned.Questions(model.Suite).Any(request => without.Fires(request).Except(with.Fires(request)).Any());
    }

    private static IReadOnlyList<CoveredEdge> Edges(PolicyModel model)
    {
        var days = model.Suite.Cases.Select(static policyCase => policyCase.Request.Day).ToHashSet();
        return
        [
            .. DateEdges.Of(model)
                .GroupBy(static edge => edge.Day, static edge => edge.Change)
                .OrderBy(static day => day.Key)
                .Select(day => new CoveredEdge(
                    day.Key, [.. day.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], days.Contains(day.Key.AddDays(-1)), days.Contains(day.Key))),
        ];
    }
}
