using System.Text.Json;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>The verbs that compare, prove and look ahead: their exit codes, and what scripts read.</summary>
public sealed class PolicyVerbTests : IDisposable
{
    private readonly string _folder = TestFolder.Create("verbs");

    public PolicyVerbTests()
    {
        ShippedPack.CopyTo(Path.Combine(_folder, "policies"));
        ShippedPack.CopyTo(Path.Combine(_folder, "draft"));
    }

    [Fact]
    public async Task Diff_OfTheSame_ProvesIt()
    {
        File.AppendAllText(Path.Combine(_folder, "draft", "routes.yaml"), "# a remark\n");

        var (code, json) = await JsonAsync("diff", "policies", "draft");

        Assert.Equal(0, code);
        Assert.True(json.GetProperty("same").GetBoolean());
        Assert.False(json.GetProperty("loosens").GetBoolean());
        Assert.True(json.GetProperty("states").GetDecimal() > 1_000_000);
    }

    [Fact]
    public async Task Diff_TellsTighteningFromLoosening()
    {
        Edit("rules/hipaa.yaml", "      - purpose is one of: [treatment, payment, healthcare-operations]", "      - purpose is one of: [treatment, payment]");

        var (tighter, json) = await JsonAsync("diff", "policies", "draft");
        var (looser, back) = await JsonAsync("diff", "draft", "policies");

        Assert.Equal((0, 1), (tighter, looser));
        Assert.All(json.GetProperty("changes").EnumerateArray(), static change => Assert.Equal("newly denied", change.GetProperty("kind").GetString()));
        Assert.True(back.GetProperty("loosens").GetBoolean());
        Assert.Equal(
            json.GetProperty("changes").EnumerateArray().Sum(static change => change.GetProperty("states").GetDecimal()),
            back.GetProperty("changes").EnumerateArray().Sum(static change => change.GetProperty("states").GetDecimal()));
    }

    [Fact]
    public async Task Diff_TellsWhatNoDecisionShows_AndExitsWithOne()
    {
        Edit("endpoints.yaml", "url: https://api.anthropic.com", "url: https://evil.example");

        var text = await RunAsync("diff", "policies", "draft");
        var (code, json) = await JsonAsync("diff", "policies", "draft");

        Assert.Equal((1, 1), (text.ExitCode, code));
        Assert.Equal(
            """
            loosened: url of the endpoint of claude-anthropic was https://api.anthropic.com/ and is https://evil.example/
            Nothing became allowed, but something protects less: this change needs two owners, one of them the privacy office.

            """,
            text.Output, ignoreLineEndingDifferences: true);
        Assert.False(json.GetProperty("same").GetBoolean());
        Assert.True(json.GetProperty("loosens").GetBoolean());
        Assert.Empty(json.GetProperty("changes").EnumerateArray());
        var written = Assert.Single(json.GetProperty("written").EnumerateArray());
        Assert.True(written.GetProperty("loosens").GetBoolean());
        Assert.Equal(JsonValueKind.Null, written.GetProperty("tenant").ValueKind);
    }

    [Fact]
    public async Task Diff_NamesTheTenantsAChangeConcerns()
    {
        foreach (var (folder, hosting) in new[] { ("policies", "own-premises"), ("draft", "own-premises, vendor") })
        {
            var tenants = Directory.CreateDirectory(Path.Combine(_folder, folder, "tenants")).FullName;
            File.WriteAllText(Path.Combine(tenants, "north.yaml"), $$"""
                format: policyrouter/tenant/v1
                rules:
                  - {id: T-NORTH, title: t, effect: forbid, owner: o, in force: {from: 2026-01-01, until: further notice}, when all: [{data includes any of: [pii]}], unless any: [{hosting is one of: [{{hosting}}]}], reason: r, citation: c}

                """);
        }

        var text = await RunAsync("diff", "policies", "draft");
        var (_, json) = await JsonAsync("diff", "policies", "draft");

        Assert.Equal(1, text.ExitCode);
        Assert.Contains("; tenants north\n", text.Output, StringComparison.Ordinal);
        Assert.EndsWith("Something became allowed: this change needs two owners, one of them the privacy office.\n", text.Output, StringComparison.Ordinal);
        Assert.All(json.GetProperty("changes").EnumerateArray(), static change => Assert.Equal("north", Assert.Single(change.GetProperty("tenants").EnumerateArray()).GetString()));
    }

    [Fact]
    public async Task Prove_ExitsWithOne_AndOffersTheCounterexampleAsACase()
    {
        Edit("rules/part2.yaml", "      - hosting is one of: [own-premises]", "      - hosting is one of: [own-premises, vendor]");

        var (code, json) = await JsonAsync("prove", "draft");

        Assert.Equal(1, code);
        var broken = json.GetProperty("claims").EnumerateArray().Single(static claim => claim.GetProperty("id").GetString() == "N-SUD-VENDOR");
        Assert.Contains("would be sent to", broken.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("given: {data: [sud-part2]", broken.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calendar_NamesTheDayTheDeploymentAndThePaper()
    {
        var (code, json) = await JsonAsync("calendar", "policies", "--from", "2029-12-01");

        Assert.Equal(0, code);
        var entry = json.EnumerateArray().Single(static entry => entry.GetProperty("deployment").GetString() == "claude-anthropic");
        Assert.Equal("2030-01-01", entry.GetProperty("day").GetString());
        Assert.Contains("BAA-ANTHROPIC-2026", string.Join(' ', entry.GetProperty("causes").EnumerateArray().Select(static cause => cause.GetString())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resilience_ExitsWithOne_WhileSomethingHangsOnOneDomain()
    {
        var (code, json) = await JsonAsync("resilience", "policies", "--on", "2026-11-25");

        Assert.Equal(1, code);
        var flow = json.EnumerateArray().Single(static flow => flow.GetProperty("route").GetString() == "clinical-chat" && flow.GetProperty("class").GetString() == "sud-part2");
        Assert.Equal("own-datacentre", flow.GetProperty("singlePointsOfFailure")[0].GetString());
    }

    [Fact]
    public async Task Print_IsTheSameForTheSameDay_InBothFormats()
    {
        var one = await RunAsync("print", "policies", "--on", "2026-11-25");
        var two = await RunAsync("print", "draft", "--on", "2026-11-25");
        var html = await RunAsync("print", "policies", "--on", "2026-11-25", "--format", "html");

        Assert.Equal((0, 0), (one.ExitCode, html.ExitCode));
        Assert.Equal(one.Output, two.Output);
        Assert.Contains("# Policy on data sent to language models", one.Output, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", html.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("print", "policies", "--format", "pdf")).ExitCode);
    }

    [Fact]
    public async Task Schema_WritesWhatShips()
    {
        Assert.Equal(0, (await RunAsync("schema", "draft")).ExitCode);

        Assert.All(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "policies", "schema")),
            file => Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(_folder, "draft", "schema", Path.GetFileName(file)))));
        Assert.Equal(3, (await RunAsync("schema", "nowhere")).ExitCode);
    }

    [Theory]
    [InlineData("prove", "nowhere")]
    [InlineData("calendar", "nowhere")]
    [InlineData("resilience", "nowhere")]
    [InlineData("print", "nowhere")]
    [InlineData("diff", "policies", "nowhere")]
    [InlineData("replay", "nowhere")]
    public async Task AFolderThatIsNotThere_IsReportedByEveryVerb(params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(3, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("there is no such folder", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<CommandResult> RunAsync(params string[] arguments) => CommandLine.RunAsync(["policy", .. arguments], folder: _folder);

    private async Task<(int Code, JsonElement Json)> JsonAsync(params string[] arguments)
    {
        var result = await RunAsync([.. arguments, "--json"]);
        Assert.True(result.Output.Length > 0, result.Error);
        return (result.ExitCode, JsonDocument.Parse(result.Output).RootElement);
    }

    private void Edit(string file, string old, string replacement)
    {
        var path = Path.Combine(_folder, "draft", file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }
}
