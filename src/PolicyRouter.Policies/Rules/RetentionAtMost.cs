using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>retention days at most</c>: the vendor keeps prompts for no longer than this many days.</summary>
internal sealed record RetentionAtMost(int Days) : DeploymentCondition
{
    public const string Name = "retention days at most";

    public override string Phrase => Name;

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.RetentionDays is { } days ? days <= Days : whenUnknown;
}
