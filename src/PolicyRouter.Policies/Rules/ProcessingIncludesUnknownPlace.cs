using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>processing includes unknown place</c>: nobody knows every place of the deployment. For never-claims only.</summary>
internal sealed record ProcessingIncludesUnknownPlace : DeploymentCondition
{
    public static Phrase Definition { get; } = new()
    {
        Name = "processing includes unknown place",
        Value = PhraseValue.True,
        Description = "Some place where the deployment processes or stores is not known. For never-claims only.",
        Make = static _ => new ProcessingIncludesUnknownPlace(),
    };

    public override Phrase Phrase => Definition;
    public override string English => "some place of the deployment is unknown";

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        !deployment.Places().Any() || deployment.Places().Contains(Deployment.UnknownPlace);
}
