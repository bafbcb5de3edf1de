using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>hosting is one of</c>.</summary>
internal sealed record HostingIs(IReadOnlyList<string> Words) : DeploymentCondition
{
    public static IReadOnlyList<string> Known { get; } = ["own-premises", "vendor"];

    public static Phrase Definition { get; } = new()
    {
        Name = "hosting is one of",
        Value = PhraseValue.Words,
        Noun = "hosting",
        Known = Known,
        Description = "The deployment runs on our own premises, or at a vendor.",
        Make = static words => new HostingIs(words),
    };

    public override Phrase Phrase => Definition;
    public override string English => $"the deployment is hosted as {Rules.English.Or(Words)}";

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.Hosting is { } hosting ? Words.Contains(hosting) : whenUnknown;
}
