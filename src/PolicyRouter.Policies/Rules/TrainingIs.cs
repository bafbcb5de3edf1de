using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>training on our data is</c>.</summary>
internal sealed record TrainingIs(string Training) : DeploymentCondition
{
    public const string Name = "training on our data is";

    public static IReadOnlyList<string> Known { get; } = ["always", "never", "opt-in", "opt-out"];

    public override string Phrase => Name;

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.TrainingOnOurData is { } training ? training == Training : whenUnknown;
}
