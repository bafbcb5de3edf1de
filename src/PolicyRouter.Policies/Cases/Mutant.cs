using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Cases;

/// <summary>The policy with one thing changed that somebody could get wrong.</summary>
/// <param name="Kind"><c>rule deleted</c>, <c>date moved</c> or <c>all and any flipped</c>.</param>
/// <param name="Change">What was done, as the beginning of a sentence: <c>deleting rule F-SUD</c>.</param>
/// <param name="Hint">Which case would notice, when that can be said at once.</param>
internal sealed record Mutant(string Kind, string Change, string? Hint, PolicyModel Model);
