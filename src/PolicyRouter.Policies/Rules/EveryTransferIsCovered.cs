namespace PolicyRouter.Policies.Rules;

/// <summary>
/// <c>every transfer is covered</c>: from each zone the people live in to each place of the deployment there is a legal ground
/// (GDPR Art 44 to 46). Unknown on either side is never covered.
/// </summary>
internal sealed record EveryTransferIsCovered : PaperCondition
{
    public static Phrase Definition { get; } = new()
    {
        Name = "every transfer is covered",
        Value = PhraseValue.True,
        Description = "From every zone the people live in to every place of the deployment: the same zone, adequacy in force, or one covering transfer agreement. An unknown place is never covered.",
        Make = static _ => new EveryTransferIsCovered(),
    };

    public override Phrase Phrase => Definition;

    public override string English => "every transfer from where the people live to each place of the deployment has a legal ground in force";
}
