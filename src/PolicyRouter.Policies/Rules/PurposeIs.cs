namespace PolicyRouter.Policies.Rules;

/// <summary><c>purpose is one of</c>. A missing or unknown purpose never helps a request and always restricts it.</summary>
internal sealed record PurposeIs(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public const string Name = "purpose is one of";

    public override string Phrase => Name;
    public override RequestFact Fact => RequestFact.Purpose;
}
