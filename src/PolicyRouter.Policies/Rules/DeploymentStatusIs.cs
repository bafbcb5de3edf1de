using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>deployment status is</c>.</summary>
internal sealed record DeploymentStatusIs(string Status) : DeploymentCondition
{
    public const string Name = "deployment status is";
    public const string Approved = "approved";

    public static IReadOnlyList<string> Known { get; } = [Approved, "pending", "retired", "suspended"];

    public override string Phrase => Name;

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.Status == Status || (deployment.Status == "unknown" && whenUnknown);
}
