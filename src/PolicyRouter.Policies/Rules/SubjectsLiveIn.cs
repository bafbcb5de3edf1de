namespace PolicyRouter.Policies.Rules;

/// <summary><c>subjects live in any of</c>. An unknown or missing zone matches every one.</summary>
internal sealed record SubjectsLiveIn(IReadOnlyList<string> Words) : RequestCondition(Words)
{
    public const string Name = "subjects live in any of";

    public override string Phrase => Name;
    public override RequestFact Fact => RequestFact.Subjects;
}
