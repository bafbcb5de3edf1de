namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// Proof that a person with the role has approved one request under one rule. Made by <see cref="PolicySnapshot.CheckApproval"/> from what
/// they signed, and by questions that suppose one.
/// </summary>
public sealed record Approval
{
    internal Approval(string rule, string role, string person, DateTimeOffset expires, string tokenId)
    {
        Rule = rule;
        Role = role;
        Person = person;
        Expires = expires;
        TokenId = tokenId;
    }

    public string Rule { get; }
    public string Role { get; }
    public string Person { get; }
    public DateTimeOffset Expires { get; }

    /// <summary>What was signed, by its own id: it counts once.</summary>
    public string TokenId { get; }

    /// <summary>An approval that nobody has given, for the question "what if"; never for a request that is sent.</summary>
    internal static Approval Supposed(string rule, string role) => new(rule, role, "", DateTimeOffset.MaxValue, "");
}
