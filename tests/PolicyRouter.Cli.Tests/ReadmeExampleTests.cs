using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>
/// The guide for lawyers, run as written. A <c>console</c> block is commands and what they print, where an ellipsis stands for anything; a <c>yaml</c>
/// block is an excerpt of the file that its first line names; a comment <c>draft FILE: OLD => NEW</c> is an edit of a fresh copy called draft.
/// </summary>
public sealed partial class ReadmeExampleTests : IDisposable
{
    private const string Prompt = "$ policyrouter ";

    private readonly string _folder = TestFolder.Create("readme");
    private readonly string _readme = File.ReadAllText(Path.Combine(Repository.Root, "policies", "README.md"));

    [Fact]
    public async Task EveryCommand_PrintsWhatTheGuideSays()
    {
        Copy("policies");
        var commands = 0;
        foreach (Match step in Steps().Matches(_readme))
        {
            if (step.Groups["file"].Success)
            {
                Copy("draft");
                Edit(step.Groups["file"].Value, step.Groups["old"].Value, step.Groups["new"].Value.Replace("\\n", "\n", StringComparison.Ordinal));
                continue;
            }

            foreach (var example in step.Groups["console"].Value.Split(Prompt, StringSplitOptions.RemoveEmptyEntries))
            {
                var (command, expected) = (example.Split('\n', 2)[0], example.Split('\n', 2)[1]);
                var result = await CommandLine.RunAsync(command.Split(' '), folder: _folder);
                var printed = Trimmed(result.Output + result.Error);
                Assert.True(Regex.IsMatch(printed, Pattern(expected)), $"{command} printed\n{printed}and the guide says\n{expected}");
                commands++;
            }
        }

        Assert.Equal(7, commands);
    }

    [Fact]
    public void EveryExcerpt_StandsInTheFileItNames()
    {
        var excerpts = Excerpts().Matches(_readme);

        Assert.Equal(3, excerpts.Count);
        Assert.All(excerpts, excerpt => Assert.Contains(
            excerpt.Groups["text"].Value, File.ReadAllText(Path.Combine(Repository.Root, "policies", excerpt.Groups["file"].Value)), StringComparison.Ordinal));
    }

    [Fact]
    public void EveryLink_LeadsToAFile() =>
        Assert.All(Links().Matches(_readme), link => Assert.True(File.Exists(Path.Combine(Repository.Root, "policies", link.Groups[1].Value)), link.Value));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The expected lines as a pattern: an ellipsis alone is any lines, one at the end of a line is the rest of it.</summary>
    private static string Pattern(string expected) => "^" + string.Concat(Trimmed(expected)[..^1].Split('\n').Select(static line => line switch
    {
        "…" => @"(.*\n)*?",
        [.. var start, '…'] => Regex.Escape(start) + ".*\n",
        _ => Regex.Escape(line) + "\n",
    })) + "$";

    private static string Trimmed(string text) => text.Replace("\r", "", StringComparison.Ordinal).Trim('\n') + "\n";

    private void Copy(string name) => ShippedPack.CopyTo(Path.Combine(_folder, name));

    private void Edit(string file, string old, string replacement)
    {
        var path = Path.Combine(_folder, "draft", file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        File.WriteAllText(path, text[..at] + replacement + text[(at + old.Length)..]);
    }

    [GeneratedRegex("<!-- draft (?<file>[^:\n]+): (?<old>[^\n]+?) => (?<new>[^\n]+?) -->|```console\n(?<console>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Steps();

    [GeneratedRegex("```yaml\n# (?<file>[^\n]+)\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Excerpts();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Links();
}
