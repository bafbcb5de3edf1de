using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Cli;
using PolicyRouter.Cli.Policy;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary><c>policy replay</c> over what a gateway has recorded.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly string _folder = TestFolder.Create("replay");

    [Fact]
    public async Task UnderTheSamePolicy_NothingChanges()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var seeded = GatewayUnderTest.Chat("clinical-chat", "Summarise.");
        seeded["seed"] = 1;
        Reply[] replies =
        [
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Patient Anna Kowalski, SSN 536-22-1847.")),
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Write an advertisement."), purpose: "marketing"),
            await gateway.AskAsync(GatewayUnderTest.Chat("public-chat", "Hello."), "public", subjects: null, purpose: null),
            await gateway.AskAsync(GatewayUnderTest.Chat("eu-support", "Hello."), "pii", "eea", "customer-service"),
            await gateway.AskAsync(GatewayUnderTest.Chat("auto", "Summarise."), headers: ("X-Dry-Run", "true")),
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Hello."), purpose: "espionage"),
            // Not every wire can carry a seed: the policy permits those deployments all the same.
            await gateway.AskAsync(seeded),
        ];

        var recorded = JsonNode.Parse((await gateway.EventsOfAsync(replies[^1].DecisionId))[0].CanonicalJson.Span)!;
        Assert.Equal("claude-anthropic", (string?)recorded["unsuitable"]![0]!["deployment"]);
        Assert.Equal(replies.Length, await Replay.ChangesNothingAsync(gateway));
    }

    [Fact]
    public async Task UnderAPolicyThatAllowsMore_ItSaysForWhichRequests_AndExitsWithOne()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var note = await gateway.AskAsync(GatewayUnderTest.Chat("auto", "Summarise."));
        var hello = await gateway.AskAsync(GatewayUnderTest.Chat("public-chat", "Hello."), "public", subjects: null, purpose: null);
        var draft = Draft(gateway, "registry.yaml", "hosting: own-premises", "hosting: vendor");
        Edit(draft, Path.Combine("rules", RuleFile(draft, "F-HIPAA-BAA")), "strength: absolute", "strength: advisory");
        Edit(draft, Path.Combine("rules", RuleFile(draft, "F-HIPAA-BAA")), "strength: overridable", "strength: advisory");

        var (code, output) = await Replay.RunAsync(gateway, draft, "--json");
        var (_, text) = await Replay.RunAsync(gateway, draft);

        Assert.Equal(ExitCodes.AnswerIsNo, code);
        var report = JsonDocument.Parse(output).RootElement;
        var change = Assert.Single(report.GetProperty("changes").EnumerateArray());
        Assert.Equal(note.DecisionId, change.GetProperty("id").GetGuid());
        Assert.Contains("openai-gpt4o-direct", change.GetProperty("newlyAllowed").EnumerateArray().Select(static id => id.GetString()));
        Assert.Contains("local-llama", change.GetProperty("dutiesChanged").EnumerateArray().Select(static id => id.GetString()));
        Assert.Equal((2, 1, 1), (report.GetProperty("decided").GetInt32(), report.GetProperty("changed").GetInt32(), report.GetProperty("newlyAllowed").GetInt32()));
        Assert.Contains($"  {note.DecisionId}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(hello.DecisionId.ToString(), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnderAPolicyThatAllowsLess_ItSaysWhichRuleStopsWhat_AndWhoIsLeftWithNobody()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        await gateway.AskAsync(GatewayUnderTest.Chat("claude-aws-us", "Summarise."));
        var draft = Draft(gateway, "registry.yaml", "id: BAA-AWS-2026\n    type: baa\n    with: amazon", "id: BAA-AWS-2026\n    type: baa\n    with: microsoft");

        var (code, text) = await Replay.RunAsync(gateway, draft);

        Assert.Equal(ExitCodes.Good, code);
        Assert.StartsWith("2 × clinical-chat, internal + phi + pii, treatment: newly denied claude-aws-us (F-HIPAA-BAA)\n", text, StringComparison.Ordinal);
        Assert.Contains("1 × claude-aws-us, internal + phi + pii, treatment: newly denied claude-aws-us (F-HIPAA-BAA); nobody is left\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "3 recorded requests decided again: 3 changed, 0 newly allowed, 3 newly denied, 0 under other duties; 1 would get no answer at all any more.\n",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForAnotherDay_ItTellsWhatTheCalendarWillDo()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        var (code, text) = await Replay.RunAsync(gateway, gateway.Stack.Policies, "--on", "2030-01-01");

        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("newly denied azure-gpt4o-eastus (F-HIPAA-BAA), claude-anthropic (F-HIPAA-BAA)\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARouteThatIsGone_AnswersNothingAnyMore()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        var draft = Draft(gateway, "routes.yaml", "model: clinical-chat", "model: ward-chat");

        var (_, text) = await Replay.RunAsync(gateway, draft);

        Assert.Contains("there is no such route any more", text, StringComparison.Ordinal);
        Assert.Contains("1 newly denied", text, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string RuleFile(string policies, string rule) => Path.GetFileName(
        Assert.Single(Directory.EnumerateFiles(Path.Combine(policies, "rules")), file => File.ReadAllText(file).Contains($"id: {rule}\n", StringComparison.Ordinal)));

    private static void Edit(string policies, string file, string old, string replacement)
    {
        var path = Path.Combine(policies, file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    /// <summary>A copy of the gateway's policy with one edit.</summary>
    private string Draft(GatewayUnderTest gateway, string file, string old, string replacement)
    {
        var draft = Path.Combine(_folder, "policies");
        TestFolder.Copy(gateway.Stack.Policies, draft);
        Edit(draft, file, old, replacement);
        return draft;
    }
}

/// <summary>Runs <c>policy replay</c> over the log of a gateway under test.</summary>
internal static class Replay
{
    public static async Task<(int Code, string Output)> RunAsync(GatewayUnderTest gateway, string policies, params string[] options)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new();
        var code = await PolicyReplayCommand.Create()
            .Parse([policies, "--database", gateway.Stack.ConnectionString, "--since", "1h", .. options])
            .InvokeAsync(new() { Output = output, Error = error });
        Assert.Equal("", error.ToString());
        return (code, output.ToString());
    }

    /// <summary>Same input, same policy, same output, for ever: the record has everything that the decision depended on.</summary>
    /// <returns>How many decisions were recorded.</returns>
    public static async Task<int> ChangesNothingAsync(GatewayUnderTest gateway)
    {
        var (code, output) = await RunAsync(gateway, gateway.Stack.Policies, "--json");
        var report = JsonDocument.Parse(output).RootElement;
        Assert.True(code == ExitCodes.Good, output);
        Assert.Empty(report.GetProperty("changes").EnumerateArray());
        Assert.Equal(0, report.GetProperty("changed").GetInt32());
        return report.GetProperty("decided").GetInt32();
    }
}
