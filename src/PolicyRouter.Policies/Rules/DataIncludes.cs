namespace PolicyRouter.Policies.Rules;

/// <summary><c>data includes any of</c>. Unclassified data matches every one: it may be anything.</summary>
internal sealed record DataIncludes(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public const string Name = "data includes any of";

    public override string Phrase => Name;
    public override RequestFact Fact => RequestFact.Classes;
}
