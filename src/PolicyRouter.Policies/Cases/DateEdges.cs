using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Cases;

/// <summary>Finds the days on which a rule, paper or finding begins or ends.</summary>
internal static class DateEdges
{
    /// <summary>Each with the first day of the new state. A date that another date of the same paper makes void is none.</summary>
    public static IEnumerable<(DateOnly Day, string Change)> Of(PolicyModel model) =>
        [
            .. model.Rules.SelectMany(static rule => Edges(rule.Id, rule.InForce.Edges(), rule.InForce.Contains)),
            .. model.Agreements.SelectMany(static paper => Edges(paper.Id, paper.Edges(), paper.HoldsOn)),
            .. model.Adequacies.SelectMany(static finding => Edges(NameOf(finding), finding.InForce.Edges(), finding.InForce.Contains)),
        ];

    public static string NameOf(Adequacy finding) => $"adequacy {finding.From} to {finding.To}";

    private static IEnumerable<(DateOnly Day, string Change)> Edges(string name, IEnumerable<DateOnly> edges, Func<DateOnly, bool> holds) =>
        from day in edges.Distinct()
        where day > DateOnly.MinValue && holds(day) != holds(day.AddDays(-1))
        select (day, holds(day) ? $"{name} begins" : $"{name} has ended");
}
