namespace PolicyRouter.Policies.Rules;

/// <summary>
/// <c>every transfer is covered</c>: from each zone the people live in to each place of the deployment there is a legal ground
/// (GDPR Art 44 to 46). Unknown on either side is never covered.
/// </summary>
internal sealed record EveryTransferIsCovered : PaperCondition
{
    public const string Name = "every transfer is covered";

    public override string Phrase => Name;
}
