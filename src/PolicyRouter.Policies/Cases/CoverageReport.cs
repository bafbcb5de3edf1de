namespace PolicyRouter.Policies.Cases;

/// <summary>What the cases exercise, each list in the order of the rules' ids.</summary>
public sealed record CoverageReport(IReadOnlyList<CoveredRule> Rules, IReadOnlyList<CoveredArm> Arms, IReadOnlyList<CoveredEdge> Edges)
{
    public bool IsComplete => Rules.All(static r => r.Covered) && Arms.All(static a => a.Covered) && Edges.All(static e => e.Covered);
}

/// <summary>A rule, and whether it fires for some deployment in some case, whatever the other rules say there.</summary>
public sealed record CoveredRule(string Id, bool Covered);

/// <summary>One line of <c>unless any</c>, and whether it keeps its rule from firing in some case in which all of <c>when all</c> hold.</summary>
/// <param name="Number">1-based, in the order written.</param>
public sealed record CoveredArm(string Rule, int Number, string Phrase, bool Covered);

/// <summary>A day on which dates of the policy change something, and whether some case asks about it and some about the day before.</summary>
/// <param name="Day">The first day of the new state.</param>
/// <param name="Changes">What begins or ends: <c>BAA-OPENAI-2026 has ended</c>.</param>
public sealed record CoveredEdge(DateOnly Day, IReadOnlyList<string> Changes, bool TestedBefore, bool TestedOn)
{
    public bool Covered => TestedBefore && TestedOn;
}
