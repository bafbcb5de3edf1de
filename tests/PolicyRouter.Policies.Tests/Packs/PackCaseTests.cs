using PolicyRouter.Policies.Cases;

namespace PolicyRouter.Policies.Tests.Packs;

public partial class PackCaseTests
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

        string[] lines = [.. Directory.EnumerateFiles(Path.Combine(TestFolders.Shipped, "tests")).SelectMany(File.ReadLines)];
        Assert.Equal(lines.Count(static line => line.StartsWith("  - name: ", StringComparison.Ordinal)), suite.Cases.Count);
        Assert.Equal(lines.Count(static line => line.StartsWith("  - {id: ", StringComparison.Ordinal)), suite.Never.Count + suite.Always.Count);
        var always = suite.Always.Single(static claim => claim.Id == "A-1");
        Assert.Equal(("clinical-chat", "treatment"), (always.Given.Route, always.Given.Purpose));
    }

    [Fact]
    public void EveryPackOfTheShippedPolicy_HasRulesCasesClaimsAndWordsOfItsOwn()
    {
        var rules = Path.Combine(TestFolders.Shipped, "rules");
        Assert.All((string[])["hipaa", "part2", "gdpr", "glba", "pci", "dora"], pack =>
        {
            var tests = File.ReadAllText(Path.Combine(TestFolders.Shipped, "tests", $"{pack}.tests.yaml"));
            Assert.Contains("cases:\n", tests, StringComparison.Ordinal);
            Assert.Contains("never:\n", tests, StringComparison.Ordinal);
            // The words name every rule and no other, and cite what the rules cite.
            var words = File.ReadAllText(Path.Combine(rules, $"{pack}.md"));
            var file = File.ReadAllText(Path.Combine(rules, $"{pack}.yaml"));
            var own = TestFolders.Load(TestFolders.Shipped).Model.Rules.Where(rule => file.Contains($"  - id: {rule.Id}\n", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(own);
            Assert.Equal(
                own.Select(static rule => rule.Id).Order(StringComparer.Ordinal),
                RuleId().Matches(words).Select(static match => match.Value).Distinct().Order(StringComparer.Ordinal));
            Assert.All(own.SelectMany(static rule => rule.Citation), citation => Assert.Contains(citation, words, StringComparison.Ordinal));
        });
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

    [System.Text.RegularExpressions.GeneratedRegex(@"\b[PFDWA]-[A-Z][A-Z0-9-]+\b")]
    private static partial System.Text.RegularExpressions.Regex RuleId();

    private static string FolderOf(string pack) => pack == "shipped" ? TestFolders.Shipped : TestFolders.Example;
}
