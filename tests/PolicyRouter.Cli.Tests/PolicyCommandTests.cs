using System.Text.Json;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

public class PolicyCommandTests
{
    [Fact]
    public async Task Check_OfTheShippedPack_IsGood()
    {
        var result = await CommandLine.RunAsync(["policy", "check", "--json"]);

        Assert.Equal(0, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        Assert.StartsWith("sha256:", json.RootElement.GetProperty("policyVersion").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfAMisspeltPaper_PointsAtTheWord_AndSaysWhatWasMeant()
    {
        var folder = CopyOfThePack();
        var rules = Path.Combine(folder, "policies", "rules", "hipaa.yaml");
        await File.WriteAllTextAsync(rules, (await File.ReadAllTextAsync(rules)).Replace("agreement in force: baa", "agreement in force: bba", StringComparison.Ordinal));

        var result = await CommandLine.RunAsync(["policy", "check"], folder: folder);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(3, result.ExitCode);
        var text = result.Output + result.Error;
        Assert.Matches(@"policies/rules/hipaa\.yaml:\d+:\d+  error PR\d{3}", text);
        Assert.Contains("^^^", text, StringComparison.Ordinal);
        Assert.Contains("baa", text[text.IndexOf("^^^", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_NamesWhoMayReceiveInOrder_AndEveryReasonForTheOthers()
    {
        var result = await CommandLine.RunAsync(
            ["policy", "explain", "--data", "phi", "--subjects", "us", "--purpose", "treatment", "--features", "chat", "--model", "clinical-chat", "--on", "2026-11-25", "--json"]);

        Assert.Equal(0, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(
            ["claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus", "local-llama"],
            json.RootElement.GetProperty("permitted").EnumerateArray().Select(static id => id.GetString()));
        var denied = json.RootElement.GetProperty("denied").GetProperty("openai-gpt4o-direct");
        Assert.Contains(denied.EnumerateArray(), static reason =>
            reason.GetProperty("rule").GetString() == "F-HIPAA-BAA" && reason.GetProperty("citation")[0].GetString() == "45 CFR 164.502(e)");
    }

    [Fact]
    public async Task Explain_ExitsWithOne_WhenNobodyMayReceiveIt()
    {
        var result = await CommandLine.RunAsync(
            ["policy", "explain", "--data", "phi", "--subjects", "us", "--purpose", "marketing", "--features", "chat", "--on", "2026-11-25"]);

        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Decide_AnswersLineByLine_AndAgreesWithExplain()
    {
        const string Question = """{"data":["phi"],"subjects":["us"],"purpose":"treatment","features":["chat"],"on":"2026-11-25","route":"clinical-chat"}""";

        var result = await CommandLine.RunAsync(["policy", "decide"], input: $"{Question}\n{Question}\n");

        Assert.Equal(0, result.ExitCode);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(lines[0], lines[1]);
        using var json = JsonDocument.Parse(lines[0]);
        Assert.Equal("permit", json.RootElement.GetProperty("decision").GetString());
        Assert.Equal("claude-anthropic", json.RootElement.GetProperty("permitted")[0].GetString());
    }

    [Fact]
    public async Task Decide_RefusesALineThatIsNoQuestion()
    {
        var result = await CommandLine.RunAsync(["policy", "decide"], input: "{\"data\":\n");

        Assert.Equal(3, result.ExitCode);
    }

    private static string CopyOfThePack()
    {
        var folder = TestFolder.Create("pack");
        ShippedPack.CopyTo(Path.Combine(folder, "policies"));
        return folder;
    }
}
