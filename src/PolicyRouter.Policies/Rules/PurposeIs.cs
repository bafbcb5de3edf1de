namespace PolicyRouter.Policies.Rules;

/// <summary><c>purpose is one of</c>. A missing or unknown purpose never helps a request and always restricts it.</summary>
internal sealed record PurposeIs(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public static Phrase Definition { get; } = new()
    {
        Name = "purpose is one of",
        Value = PhraseValue.Words,
        Noun = "purpose",
        Source = WordSource.Purposes,
        Description = "The request is made for one of these purposes. A purpose nobody stated never helps and always restricts.",
        Make = static words => new PurposeIs(words),
    };

    public override Phrase Phrase => Definition;
    public override RequestFact Fact => RequestFact.Purpose;
    public override string English => $"the purpose is {Rules.English.Or(Words)}";
}
