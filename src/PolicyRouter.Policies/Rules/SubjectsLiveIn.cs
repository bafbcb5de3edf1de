namespace PolicyRouter.Policies.Rules;

/// <summary><c>subjects live in any of</c>. An unknown or missing zone matches every one.</summary>
internal sealed record SubjectsLiveIn(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public static Phrase Definition { get; } = new()
    {
        Name = "subjects live in any of",
        Value = PhraseValue.Words,
        Noun = "zone",
        Source = WordSource.Zones,
        Description = "Some of the people concerned live in one of these zones. A zone nobody stated matches.",
        Make = static words => new SubjectsLiveIn(words),
    };

    public override Phrase Phrase => Definition;
    public override RequestFact Fact => RequestFact.Subjects;
    public override string English => $"people concerned live in {Rules.English.Or(Words)}";
}
