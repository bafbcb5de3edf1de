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

    /// <summary>The same with other endpoints: whoever hangs on the cloud, and who does not.</summary>
    public static PolicySnapshot WithOneCloud()
    {
        var folder = TestFolder.Create("one-cloud");
        try
        {
            ShippedPack.CopyTo(folder);
            OneCloud.Apply(folder);
            return ((PolicyLoadResult.Loaded)PolicyFolder.Load(folder, new PolicyLoadOptions { RedactionProfiles = RedactionProfile.Names })).Snapshot;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Who may have a clinical note, in the order of the route.</summary>
    public static IReadOnlyList<PermittedDeployment> ClinicalTargets(PolicySnapshot? snapshot = null) => (snapshot ?? Snapshot).Decide(new PolicyRequest
    {
        Day = Day, DeclaredClasses = ["phi"], Subjects = ["us"], Purpose = "treatment", Features = ["chat"], Route = "clinical-chat",
    }).Permitted;
}
