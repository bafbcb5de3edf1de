namespace PolicyRouter.Policies.Cases;

/// <summary>One expectation of a case that was not met.</summary>
/// <param name="About"><c>permitted</c>, <c>denied ID</c> or <c>duties ID</c>.</param>
/// <param name="Difference">What is missing, what is too much and why, in one or more clauses for people.</param>
public sealed record CaseFailure(string About, IReadOnlyList<string> Expected, IReadOnlyList<string> Got, string Difference);
