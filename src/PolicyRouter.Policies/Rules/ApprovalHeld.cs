namespace PolicyRouter.Policies.Rules;

/// <summary>
/// <c>approval held</c>: a person with this role has signed an approval of this very request that names this rule, it has not expired and
/// was not used before. It stands only where it helps a request: a missing approval never does.
/// </summary>
internal sealed record ApprovalHeld(string Role) : RequestCondition([Role])
{
    public static Phrase Definition { get; } = new()
    {
        Name = "approval held",
        Value = PhraseValue.Word,
        Noun = "role",
        Source = WordSource.Roles,
        Description = "A person with this role has approved this very request under this rule; the approval has not expired and counts once.",
        Make = static words => new ApprovalHeld(words[0]),
    };

    public override Phrase Phrase => Definition;
    public override RequestFact Fact => RequestFact.Approvals;
    public override string English => $"{Role} has approved this very request";
}
