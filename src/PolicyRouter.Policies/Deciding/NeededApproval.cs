namespace PolicyRouter.Policies.Deciding;

/// <summary>An approval that a rule asks for: somebody with the role has to give it.</summary>
public sealed record NeededApproval(string Rule, string Role);
