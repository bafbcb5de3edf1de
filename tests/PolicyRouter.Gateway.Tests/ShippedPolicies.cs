using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Redaction;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests;

/// <summary>The policy pack of the repository: the only honest source of permitted deployments.</summary>
internal static class ShippedPolicies
{
    public static DateOnly Day { get; } = new(2026, 11, 25);

    public static PolicySnapshot Snapshot { get; } =
        ((PolicyLoadResult.Loaded)PolicyFolder.Load(
            Path.Combine(Repository.Root, "policies"), new PolicyLoadOptions { RedactionProfiles = RedactionProfile.Names })).Snapshot;

    /// <summary>Who may have a clinical note, in the order of the route.</summary>
    public static IReadOnlyList<PermittedDeployment> ClinicalTargets() => Snapshot.Decide(new PolicyRequest
    {
        Day = Day, DeclaredClasses = ["phi"], Subjects = ["us"], Purpose = "treatment", Features = ["chat"], Route = "clinical-chat",
    }).Permitted;
}
