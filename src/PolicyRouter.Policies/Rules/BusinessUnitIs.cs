namespace PolicyRouter.Policies.Rules;

/// <summary><c>business unit is one of</c>. A missing or unknown unit never helps a request and always restricts it.</summary>
internal sealed record BusinessUnitIs(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public static Phrase Definition { get; } = new()
    {
        Name = "business unit is one of",
        Value = PhraseValue.Words,
        Noun = "business unit",
        Source = WordSource.BusinessUnits,
        Description = "The calling app belongs to one of these business units. A unit nobody stated never helps and always restricts.",
        Make = static words => new BusinessUnitIs(words),
    };

    public override Phrase Phrase => Definition;
    public override RequestFact Fact => RequestFact.BusinessUnit;
    public override string English => $"the business unit is {Rules.English.Or(Words)}";
}
