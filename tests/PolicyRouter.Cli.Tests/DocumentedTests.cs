using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>What the documents promise to be shown by a test is shown by one that exists.</summary>
public sealed partial class DocumentedTests
{
    [Theory]
    [InlineData("SECURITY.md")]
    [InlineData("docs/threat-model.md")]
    [InlineData("docs/chaos.md")]
    public void TestsThatADocumentNames_Exist(string document)
    {
        var classes = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .ToHashSet(StringComparer.Ordinal);
        var named = TestClass().Matches(File.ReadAllText(Path.Combine(Repository.Root, document))).Select(static found => found.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(classes));
    }

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z]+Tests)", RegexOptions.CultureInvariant)]
    private static partial Regex TestClass();
}
