using System.Text.Json;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

public sealed class PolicyTestCommandTests : IDisposable
{
    private const string Cases = "tests/hipaa.tests.yaml";

    private readonly string _folder = TestFolder.Create("pack");

    public PolicyTestCommandTests() => ShippedPack.CopyTo(Path.Combine(_folder, "policies"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TheShippedPack_PassesItsCases_AndNothingInItCouldChangeUnnoticed()
    {
        var result = await CommandLine.RunAsync(["policy", "test", "--strict"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("cases passed, 0 failed.", result.Output, StringComparison.Ordinal);
        Assert.Contains("rules fire in a case.", result.Output, StringComparison.Ordinal);
        Assert.EndsWith(", 0 not noticed.", result.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARuleChangedAgainstACase_Fails_AndTheCaseSaysWhy()
    {
        Replace("rules/hipaa.yaml", "agreement in force: baa", "agreement in force: dpa");

        var result = await CommandLine.RunAsync(["policy", "test", "--no-mutations"], folder: _folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"policies/tests/hipaa\.tests\.yaml:\d+  failed  Discharge note summarised for treatment", result.Output);
        Assert.Matches(@"denied mistral-eu\r?\n +expected  F-HIPAA-BAA, F-PHI-RETENTION\r?\n +got       F-PHI-RETENTION\r?\n +missing: F-HIPAA-BAA", result.Output);
        Assert.DoesNotContain("changed policies tried", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADeletedRuleThatNoCaseNotices_IsNamed()
    {
        KeepTheFirstCase();

        var result = await CommandLine.RunAsync(["policy", "test"], folder: _folder);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("1 cases passed, 0 failed.", result.Output, StringComparison.Ordinal);
        Assert.Contains("F-SUD fires in no case", result.Output, StringComparison.Ordinal);
        Assert.Contains("deleting rule F-SUD changes no case: add one", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADisprovedClaim_FailsThoughEveryCasePasses()
    {
        Replace("tests/core.tests.yaml", "pii]}], unless any: [{training on our data is: never}]", "pii]}], unless any: [{training on our data is: always}]");

        var result = await CommandLine.RunAsync(["policy", "test", "--no-mutations"], folder: _folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cases passed, 0 failed.", result.Output, StringComparison.Ordinal);
        Assert.Contains("DISPROVED N-2", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_FailsWhenSomethingIsNotCovered()
    {
        KeepTheFirstCase();

        var result = await CommandLine.RunAsync(["policy", "test", "--strict", "--no-mutations"], folder: _folder);

        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Json_HoldsEveryFailureAndGap()
    {
        Replace("rules/hipaa.yaml", "agreement in force: baa", "agreement in force: dpa");

        var result = await CommandLine.RunAsync(["policy", "test", "--json"], folder: _folder);

        Assert.Equal(1, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        var root = json.RootElement;
        Assert.False(root.GetProperty("good").GetBoolean());
        var cases = root.GetProperty("cases");
        Assert.Equal(cases.GetProperty("failed").GetInt32(), cases.GetProperty("failures").GetArrayLength());
        var failure = cases.GetProperty("failures")[0];
        Assert.Equal("policies/tests/glba.tests.yaml", failure.GetProperty("file").GetString());
        Assert.True(failure.GetProperty("line").GetInt32() > 1);
        Assert.NotEmpty(failure.GetProperty("differences")[0].GetProperty("difference").GetString()!);
        Assert.True(root.GetProperty("coverage").GetProperty("rules").GetProperty("total").GetInt32() > 0);
        var mutants = root.GetProperty("mutants");
        Assert.Equal(
            mutants.GetProperty("total").GetInt32(),
            mutants.GetProperty("killed").GetInt32() + mutants.GetProperty("equivalent").GetInt32() + mutants.GetProperty("survived").GetInt32());
        Assert.Equal(mutants.GetProperty("survived").GetInt32(), mutants.GetProperty("survivors").GetArrayLength());
    }

    [Fact]
    public async Task APackWithoutCases_TestsNothing_WhichIsNotGood()
    {
        Directory.Delete(PathOf("tests"), recursive: true);

        var result = await CommandLine.RunAsync(["policy", "test", "--no-mutations"], folder: _folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("There are no cases, so nothing was tested", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACaseWithAnUnknownDeployment_IsNotLoaded()
    {
        Replace(Cases, "local-llama: [D-PHI-AUDIT]", "local-lama: [D-PHI-AUDIT]");

        var result = await CommandLine.RunAsync(["policy", "test"], folder: _folder);

        Assert.Equal(3, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Matches(@"policies/tests/hipaa\.tests\.yaml:\d+:\d+  error PR012  unknown deployment ""local-lama""", result.Error);
    }

    [Fact]
    public async Task AnUnknownOption_IsWrongUsage()
    {
        var result = await CommandLine.RunAsync(["policy", "test", "--stricter"]);

        Assert.Equal(2, result.ExitCode);
    }

    private string PathOf(string file) => Path.Combine(_folder, "policies", file);

    private void KeepTheFirstCase()
    {
        foreach (var other in Directory.EnumerateFiles(PathOf("tests")).Where(file => file != PathOf(Cases)))
        {
            File.Delete(other);
        }

        var text = File.ReadAllText(PathOf(Cases));
        File.WriteAllText(PathOf(Cases), text[..text.IndexOf("  - name: The clinical route", StringComparison.Ordinal)]);
    }

    private void Replace(string file, string old, string replacement)
    {
        var text = File.ReadAllText(PathOf(file));
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(PathOf(file), text.Replace(old, replacement, StringComparison.Ordinal));
    }
}
