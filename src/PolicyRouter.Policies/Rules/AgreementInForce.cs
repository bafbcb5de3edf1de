namespace PolicyRouter.Policies.Rules;

/// <summary><c>agreement in force</c>: one paper of this type that covers the deployment, the day and every feature used.</summary>
internal sealed record AgreementInForce(string Type) : PaperCondition
{
    public static IReadOnlyList<string> Known { get; } = ["baa", "dpa", "transfer"];

    public static Phrase Definition { get; } = new()
    {
        Name = "agreement in force",
        Value = PhraseValue.Word,
        Noun = "agreement type",
        Known = Known,
        Description = "One signed paper of this type covers the deployment's service, model, every feature used and every place, on that day. Two half papers do not add up.",
        Make = static words => new AgreementInForce(words[0]),
    };

    public override Phrase Phrase => Definition;

    public override string English => $"one agreement of type {Type} in force covers the deployment, the features used and all its places";
}
