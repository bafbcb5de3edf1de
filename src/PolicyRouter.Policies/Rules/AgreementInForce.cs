namespace PolicyRouter.Policies.Rules;

/// <summary><c>agreement in force</c>: one paper of this type that covers the deployment, the day and every feature used.</summary>
internal sealed record AgreementInForce(string Type) : PaperCondition
{
    public const string Name = "agreement in force";

    public static IReadOnlyList<string> Known { get; } = ["baa", "dpa", "transfer"];

    public override string Phrase => Name;
}
