namespace PolicyRouter.Policies.Rules;

/// <summary><c>data includes any of</c>. Unclassified data matches every one: it may be anything.</summary>
internal sealed record DataIncludes(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public static Phrase Definition { get; } = new()
    {
        Name = "data includes any of",
        Value = PhraseValue.Words,
        Noun = "data class",
        Source = WordSource.Classes,
        Description = "The data is of one of these classes, by declaration, by what was found in it, or because a class \"is also\" another. Unclassified data matches.",
        Make = static words => new DataIncludes(words),
    };

    public override Phrase Phrase => Definition;
    public override RequestFact Fact => RequestFact.Classes;
    public override string English => $"the data includes {Rules.English.Or(Words)}";
}
