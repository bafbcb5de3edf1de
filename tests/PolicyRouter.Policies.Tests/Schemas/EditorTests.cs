using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Schemas;

/// <summary>What legal staff see in an editor: the language server reads the schemas beside the files.</summary>
public sealed class EditorTests : IAsyncLifetime
{
    private LanguageServer? _server;
    private string? _missing;

    public async Task InitializeAsync()
    {
        _missing = await LanguageServer.MissingAsync();
        _server = _missing is null ? await LanguageServer.StartAsync() : null;
    }

    public Task DisposeAsync() => _server?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    [SkippableFact]
    public async Task NothingIsUnderlined_InTheShippedFiles()
    {
        var server = Server();
        foreach (var file in Directory.EnumerateFiles(TestFolders.Shipped, "*.yaml", SearchOption.AllDirectories))
        {
            var diagnostics = await server.OpenAsync(file, await File.ReadAllTextAsync(file));
            Assert.True(diagnostics.Count == 0, $"{file}: {diagnostics.ToJsonString()}");
        }
    }

    [SkippableTheory]
    [InlineData("rules/hipaa.yaml", "effect: forbid", "effect: fobid", "fobid")]
    [InlineData("rules/hipaa.yaml", "unless any:", "unles any:", "unles any")]
    [InlineData("rules/hipaa.yaml", "    citation: [45 CFR 164.506]\n", "", "P-PHI-TPO")]
    [InlineData("registry.yaml", "retention days: 0", "retention days: none", "none")]
    [InlineData("tests/hipaa.tests.yaml", "today: 2029-12-31", "today: 31.12.2029", "31.12.2029")]
    public async Task ASlip_IsUnderlinedWhereItIs(string file, string old, string slip, string underlinedLine)
    {
        var server = Server();
        var path = Path.Combine(TestFolders.Shipped, file);
        var text = (await File.ReadAllTextAsync(path)).Replace(old, slip, StringComparison.Ordinal);

        var diagnostics = await server.OpenAsync(path, text);

        var lines = text.Split('\n');
        Assert.Contains(diagnostics, diagnostic => lines[(int)diagnostic!["range"]!["start"]!["line"]!].Contains(underlinedLine, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task PhrasesAndWords_AreOfferedWhereTheyMayStand()
    {
        var phrases = await OfferedAsync("  - id: F-NEW\n    effect: forbid\n    when all:\n      - ");
        var exceptions = await OfferedAsync("  - id: F-NEW\n    effect: forbid\n    unless any:\n      - ");
        var effects = await OfferedAsync("  - id: F-NEW\n    effect: ");
        var hostings = await OfferedAsync("  - id: F-NEW\n    effect: forbid\n    when all:\n      - hosting is one of:\n          - ");

        Assert.Contains("data includes any of", phrases);
        Assert.Contains("retention days at most", phrases);
        Assert.Contains("agreement in force", exceptions);
        Assert.Superset(new HashSet<string>(["forbid", "permit", "prefer", "require"]), effects.ToHashSet());
        Assert.Superset(new HashSet<string>(["own-premises", "vendor"]), hostings.ToHashSet());
    }

    [SkippableTheory]
    [InlineData("rules/hipaa.yaml", "hosting is one of", "The deployment runs on our own premises, or at a vendor.")]
    [InlineData("rules/hipaa.yaml", "strength", "overridable can be lifted by two people for four hours")]
    [InlineData("registry.yaml", "retention days", "For how many days it keeps prompts")]
    public async Task WhatTheMouseRestsOn_IsExplained(string file, string word, string explanation)
    {
        var server = Server();
        var path = Path.Combine(TestFolders.Shipped, file);
        var text = await File.ReadAllTextAsync(path);
        await server.OpenAsync(path, text);
        var lines = text.Split('\n').ToList();
        var line = lines.FindIndex(content => content.TrimStart(' ', '-').StartsWith(word, StringComparison.Ordinal) && content.StartsWith("    ", StringComparison.Ordinal));

        var told = await server.HoverAsync(path, line, lines[line].IndexOf(word, StringComparison.Ordinal) + 1);
        Assert.True(told.Contains(explanation, StringComparison.Ordinal), told);
    }

    private LanguageServer Server()
    {
        Skip.If(_missing is not null, _missing);
        return _server!;
    }

    /// <summary>What is offered at the end of a rule that is being written in a new file.</summary>
    private async Task<IReadOnlyList<string>> OfferedAsync(string rule)
    {
        var text = $"# yaml-language-server: $schema=../schema/rules.v1.json\nformat: policyrouter/rules/v1\nrules:\n{rule}";
        var path = Path.Combine(TestFolders.Shipped, "rules", $"draft-{rule.Length}.yaml");
        await Server().OpenAsync(path, text);
        var lines = text.Split('\n');
        return await Server().CompleteAsync(path, lines.Length - 1, lines[^1].Length);
    }
}
