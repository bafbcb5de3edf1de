using System.Xml.Linq;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>The arrows between the projects. Policies, Redaction and Audit do not know one another; hosts do not know each other.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Patched.DistributedLock.Postgres"] = [],
        ["PolicyRouter.Policies"] = [],
        ["PolicyRouter.Redaction"] = [],
        ["PolicyRouter.Audit"] = ["Patched.DistributedLock.Postgres"],
        ["PolicyRouter.Reports"] = ["PolicyRouter.Audit", "PolicyRouter.Policies"],
        ["PolicyRouter.Gateway"] = ["PolicyRouter.Audit", "PolicyRouter.Policies", "PolicyRouter.Redaction", "PolicyRouter.Reports"],
        ["PolicyRouter.Console"] = ["PolicyRouter.Audit", "PolicyRouter.Policies", "PolicyRouter.Reports"],
        ["PolicyRouter.Simulator"] = [],
        ["PolicyRouter.Cli"] =
        [
            "PolicyRouter.Audit", "PolicyRouter.Console", "PolicyRouter.Gateway", "PolicyRouter.Policies", "PolicyRouter.Redaction",
            "PolicyRouter.Reports", "PolicyRouter.Simulator",
        ],
    };

    public static TheoryData<string> Projects() => [.. Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(static path => Path.GetRelativePath(Repository.Root, path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_AreOnlyTheArrowsOfTheDesign(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        Assert.True(Allowed.ContainsKey(name), $"{name} is not part of the design: add its arrows here and in docs/README.md.");

        var references = XDocument.Load(Path.Combine(Repository.Root, project))
            .Descendants("ProjectReference")
            .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(references.Except(Allowed[name], StringComparer.Ordinal));
    }

    [Fact]
    public void EverySourceProject_IsInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "PolicyRouter.sln")).Replace('\\', '/');

        Assert.All(
            Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
                .Select(static path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')),
            project => Assert.Contains(project, solution, StringComparison.Ordinal));
    }

    /// <summary>The build refuses what <c>BannedSymbols.txt</c> names, but for these places, each with its reason.</summary>
    [Fact]
    public void BannedCalls_AreMadeByTheKnownMakersOfConnectionsOnly()
    {
        var exceptions = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(static path => File.ReadLines(path).Where(static line => line.Contains("RS0030", StringComparison.Ordinal)).Select(line => (Name: Path.GetFileName(path), Line: line)))
            .ToList();

        Assert.Equal(["DemoApp.cs", "GatewayClient.cs", "IssuerDocuments.cs", "ProviderConnections.cs"], exceptions.Select(static exception => exception.Name).Order(StringComparer.Ordinal));
        Assert.All(exceptions, static exception => Assert.Matches("SuppressMessage.*Justification = \"[A-Z][^\"]{20,}\"", exception.Line));
        Assert.Equal(
            ["dotnet_diagnostic.RS0030.severity = error"],
            File.ReadLines(Path.Combine(Repository.Root, ".editorconfig")).Concat(File.ReadLines(Path.Combine(Repository.Root, "Directory.Build.props"))).Where(static line => line.Contains("RS0030", StringComparison.Ordinal)));
    }

    [Fact]
    public void OnlyTheCommandLine_IsExecutable()
    {
        var executables = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(static path => XDocument.Load(path).Descendants("OutputType").Any(static type => type.Value == "Exe"))
            .Select(static path => Path.GetFileNameWithoutExtension(path));

        Assert.Equal(["PolicyRouter.Cli"], executables);
    }
}
