using System.Text.Json;
using System.Xml.Linq;
using PolicyRouter.Testing;

namespace PolicyRouter.Deploy.Tests;

/// <summary>The image that the Dockerfile makes: another user, no shell, no diagnostics, and what it starts is what the project publishes. It is read, not built.</summary>
public sealed class ImageTests
{
    private static readonly (string Word, string Operand)[] Instructions =
    [
        .. File.ReadLines(Path.Combine(Rendered.Deploy, "Dockerfile")).Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => (line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim())),
    ];

    /// <summary>What ships: the instructions of the last stage.</summary>
    private static readonly (string Word, string Operand)[] Shipped = Instructions[Array.FindLastIndex(Instructions, static one => one.Word == "FROM")..];

    [Fact]
    public void Image_HasNoShell_AnotherUser_AndNoDiagnostics()
    {
        Assert.EndsWith("-chiseled", Shipped[0].Operand, StringComparison.Ordinal);
        Assert.Equal("1654", Shipped.Last(static one => one.Word == "USER").Operand);
        Assert.Contains(("ENV", "DOTNET_EnableDiagnostics=0"), Shipped);
        // Without a shell nothing can be run while it is made, and nothing can be started but by its name.
        Assert.DoesNotContain(Shipped, static one => one.Word is "RUN" or "SHELL" or "CMD" or "ADD");
        // Nothing that ships comes from elsewhere than the stage that builds it.
        Assert.All(Shipped.Where(static one => one.Word == "COPY"), static copy => Assert.StartsWith("--from=build ", copy.Operand, StringComparison.Ordinal));
        Assert.DoesNotContain(Instructions, static one => one.Operand.Contains("DbgEnableMiniDump", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatItStarts_IsWhatTheProjectPublishes_ForTheRuntimeThatItHas()
    {
        var publish = Assert.Single(Instructions, static one => one.Word == "RUN").Operand.Split(' ');
        Assert.Equal(["dotnet", "publish"], publish[..2]);
        var folder = Path.Combine(Repository.Root, publish[2]);
        var project = XDocument.Load(Assert.Single(Directory.EnumerateFiles(folder, "*.csproj")));
        var output = publish[Array.IndexOf(publish, "--output") + 1];
        var copied = Shipped.Single(static one => one.Word == "COPY").Operand.Split(' ');
        var start = JsonSerializer.Deserialize<string[]>(Shipped.Single(static one => one.Word == "ENTRYPOINT").Operand)!;

        Assert.Equal("Exe", project.Descendants("OutputType").Single().Value);
        Assert.Equal(output, copied[1]);
        Assert.Equal(Shipped.Single(static one => one.Word == "WORKDIR").Operand, output);
        Assert.Equal(["dotnet", $"{output}/{project.Descendants("AssemblyName").Single().Value}.dll"], start);
        var framework = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("TargetFramework").Single().Value.Replace("net", "", StringComparison.Ordinal);
        Assert.All(Instructions.Where(static one => one.Word == "FROM"), from => Assert.Contains($":{framework}", from.Operand, StringComparison.Ordinal));
    }

    [Fact]
    public void WhatBuildsIt_HasTheSources_AndNothingOfThisMachine()
    {
        var left = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore"));

        Assert.Contains(".git", left);
        Assert.Contains("**/obj", left);
        Assert.Contains(".policyrouter", left);
        Assert.DoesNotContain(left, static path => path is "src" or "policies" || path.StartsWith("Directory.", StringComparison.Ordinal) || path.StartsWith("BannedSymbols", StringComparison.Ordinal));
    }
}
