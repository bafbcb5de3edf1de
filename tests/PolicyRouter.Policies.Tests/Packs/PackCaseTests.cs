namespace PolicyRouter.Policies.Tests.Packs;

public class PackCaseTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (var (name, folder) in new[] { ("shipped", TestFolders.Shipped), ("example", TestFolders.Example) })
        {
            foreach (var packCase in PackCase.ReadAll(folder))
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
        var folder = pack == "shipped" ? TestFolders.Shipped : TestFolders.Example;
        var expected = PackCase.ReadAll(folder).Single(packCase => packCase.Name == name);

        var decision = TestFolders.Load(folder).Decide(expected.Request);

        if (expected.Permitted is { } permitted)
        {
            Assert.Equal(permitted, decision.Permitted.Select(static p => p.Deployment.Id));
        }

        foreach (var (deployment, reasons) in expected.Denied)
        {
            var denied = Assert.Single(decision.Denied, d => d.DeploymentId == deployment);
            Assert.Equal(reasons, denied.Reasons.Select(static r => r.Rule));
        }

        foreach (var (deployment, rules) in expected.Duties)
        {
            var target = Assert.Single(decision.Permitted, p => p.Deployment.Id == deployment);
            Assert.Equal(rules, target.Duties.Firing.Select(static duty => duty.Rule));
        }
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
}
