using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>Measures what the cases of a policy exercise.</summary>
internal static class Coverage
{
    public static CoverageReport Of(PolicyModel model)
    {
        Rule[] rules = [.. model.Rules.OrderBy(static rule => rule.Id, StringComparer.Ordinal)];
        return new(
            [.. rules.Select(rule => new CoveredRule(rule.Id, Fires(model, rule)))],
            [.. rules.SelectMany(rule => rule.UnlessAny.Select((arm, i) => new CoveredArm(rule.Id, i + 1, arm.Phrase, Stops(model, rule, arm))))],
            Edges(model));
    }

    private static bool Fires(PolicyModel model, Rule rule)
    {
        Probe probe = new(model, rule);
        return model.Suite.Cases.Any(policyCase => probe.Fires(policyCase.Request).Count > 0);
    }

    /// <summary>True when in some case, for some deployment, the rule would fire without exceptions and does not with this one alone.</summary>
    private static bool Stops(PolicyModel model, Rule rule, Condition arm)
    {
        Probe without = new(model, rule with { UnlessAny = [] });
        Probe with = new(model, rule with { UnlessAny = [arm] });
        return model.Suite.Cases.Any(policyCase => without.Fires(policyCase.Request).Except(with.Fires(policyCase.Request)).Any());
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
