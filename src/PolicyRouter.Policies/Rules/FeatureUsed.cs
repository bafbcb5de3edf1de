namespace PolicyRouter.Policies.Rules;

/// <summary><c>feature used is any of</c>. A request whose features nobody stated, or that uses an unknown one, matches every one.</summary>
internal sealed record FeatureUsed(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public static Phrase Definition { get; } = new()
    {
        Name = "feature used is any of",
        Value = PhraseValue.Words,
        Noun = "feature",
        Source = WordSource.Features,
        Description = "The request uses one of these features. Features nobody stated match.",
        Make = static words => new FeatureUsed(words),
    };

    public override Phrase Phrase => Definition;
    public override RequestFact Fact => RequestFact.Features;
    public override string English => $"the request uses {Rules.English.Or(Words)}";
}
