using PolicyRouter.Policies.Cases;

namespace PolicyRouter.Policies.Tests.Packs;

public class PackCaseTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (var name in new[] { "shipped", "example" })
        {
            foreach (var packCase in TestFolders.Load(FolderOf(name)).Model.Suite.Cases)
            {
                cases.Add(name, packCase.Name);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryCaseBesideTheRules_IsDecidedAsWritten(string pack, string name)
    {
        var snapshot = TestFolders.Load(FolderOf(pack));

        var result = CaseRunner.Run(snapshot, snapshot.Model.Suite.Cases.Single(packCase => packCase.Name == name));

        Assert.Empty(result.Failures);
    }

    [Fact]
    public void TheShippedPack_HoldsTheCasesAndClaimsOfItsTests()
    {
        var suite = TestFolders.Load(TestFolders.Shipped).Model.Suite;

        Assert.Equal(File.ReadLines(Path.Combine(TestFolders.Shipped, "tests", "core.tests.yaml")).Count(static line => line.Contains("- name:", StringComparison.Ordinal)), suite.Cases.Count);
        Assert.Equal(["N-1", "N-2", "N-3", "N-4", "N-5"], suite.Never.Select(static claim => claim.Id));
        var always = Assert.Single(suite.Always);
        Assert.Equal(("clinical-chat", "treatment"), (always.Given.Route, always.Given.Purpose));
    }

    [Fact]
    public void TheShippedPack_LoadsWithoutErrors_AndEveryDeploymentHasAnEndpoint()
    {
        var snapshot = TestFolders.Load(TestFolders.Shipped);

        Assert.Equal(snapshot.Deployments.Select(static d => d.Id), snapshot.Endpoints.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryEndpointOfTheShippedPack_HasItsUrlOnALineOfItsOwn()
    {
        var lines = File.ReadAllLines(Path.Combine(TestFolders.Shipped, "endpoints.yaml"));

        Assert.Equal(
            TestFolders.Load(TestFolders.Shipped).Endpoints.Count,
            lines.Count(static line => line.StartsWith("    url: https://", StringComparison.Ordinal)));
    }

    private static string FolderOf(string pack) => pack == "shipped" ? TestFolders.Shipped : TestFolders.Example;
}
