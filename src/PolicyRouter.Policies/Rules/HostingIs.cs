using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>hosting is one of</c>.</summary>
internal sealed record HostingIs(IReadOnlyList<string> Words) : DeploymentCondition
{
    public const string Name = "hosting is one of";

    public static IReadOnlyList<string> Known { get; } = ["own-premises", "vendor"];

    public override string Phrase => Name;

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.Hosting is { } hosting ? Words.Contains(hosting) : whenUnknown;
}
