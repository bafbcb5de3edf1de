using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>Finds the days on which a rule, paper or finding begins or ends.</summary>
internal static class DateEdges
{
    /// <summary>
    /// Each with the first day of the new state. A date that another date of the same paper makes void is none, and neither is one around which no
    /// permit is in force: nothing is allowed then, whatever else begins or ends.
    /// </summary>
    public static IEnumerable<(DateOnly Day, string Change)> Of(PolicyModel model) => All(model).Where(edge => model.Rules.Any(
        rule => rule is { Effect: Effect.Permit, Shadow: false } && (rule.InForce.Contains(edge.Day) || rule.InForce.Contains(edge.Day.AddDays(-1)))));

    private static IEnumerable<(DateOnly Day, string Change)> All(PolicyModel model) =>
        [
            .. OwnedRule.AllOf(model).SelectMany(static owned => Edges(owned.Rule.Id, owned.Rule.InForce.Edges(), owned.Rule.InForce.Contains)),
            .. model.Agreements.SelectMany(static paper => Edges(paper.Id, paper.Edges(), paper.HoldsOn)),
            .. model.Deployments.SelectMany(static d => d.Evidence is { } evidence ? Edges(NameOf(d), evidence.Valid.Edges(), evidence.HoldsOn) : []),
            .. model.Adequacies.SelectMany(static finding => Edges(NameOf(finding), finding.InForce.Edges(), finding.InForce.Contains)),
        ];

    public static string NameOf(Adequacy finding) => $"adequacy {finding.From} to {finding.To}";

    public static string NameOf(Deployment deployment) => $"evidence for {deployment.Id}";

    private static IEnumerable<(DateOnly Day, string Change)> Edges(string name, IEnumerable<DateOnly> edges, Func<DateOnly, bool> holds) =>
        from day in edges.Distinct()
        where day > DateOnly.MinValue && holds(day) != holds(day.AddDays(-1))
        select (day, holds(day) ? $"{name} begins" : $"{name} has ended");
}
