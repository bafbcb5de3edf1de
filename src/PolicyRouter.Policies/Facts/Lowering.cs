namespace PolicyRouter.Policies.Facts;

/// <summary>
/// The only way down: data of one class, redacted by a named profile and found clean, may count as another once a person has approved. Each
/// line is a legal decision of its own (45 CFR 164.514(b)(2) is the best known).
/// </summary>
internal sealed record Lowering(string From, string To, string By, string NeedsApproval, string Citation)
{
    /// <summary>What an approval of it names, where an approval of a rule names the rule.</summary>
    public string Id => $"lowering {From} to {To}";
}
