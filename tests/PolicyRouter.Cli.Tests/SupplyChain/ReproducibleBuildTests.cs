using System.Diagnostics;
using System.Security.Cryptography;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>The same sources give the same bytes, wherever they lie: who rebuilds a release can compare it.</summary>
public sealed class ReproducibleBuildTests
{
    private static readonly string[] Shared = ["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "BannedSymbols.txt", "BannedSymbols.Console.txt"];

    /// <summary>The projects that stand alone: what decides, and what redacts, with its model and lists inside.</summary>
    [Theory]
    [InlineData("PolicyRouter.Policies")]
    [InlineData("PolicyRouter.Redaction")]
    public async Task TwoBuildsInTwoFolders_GiveTheSameAssembly(string name)
    {
        var root = TestFolder.Create("reproducible");
        try
        {
            var built = await Task.WhenAll(BuildAsync(name, Path.Combine(root, "a")), BuildAsync(name, Path.Combine(root, "another", "place")));

            Assert.Equal(built[0], built[1]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>SHA-256 of the assembly and of its symbols.</summary>
    private static async Task<(string Assembly, string Symbols)> BuildAsync(string name, string folder)
    {
        var project = Path.Combine("src", name);
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*", SearchOption.AllDirectories)
            .Where(static path => !Path.GetRelativePath(Repository.Root, path).Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"));
        foreach (var source in sources.Concat(Shared.Select(static file => Path.Combine(Repository.Root, file))))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Repository.Root, source));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(source, copy);
        }

        // In locked mode, as the lock file of the project is among what is copied. No servers are left behind that outlive the test.
        ProcessStartInfo start = new("dotnet", ["build", project, "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RestoreLockedMode=true"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, output);

        var assembly = Path.Combine(folder, project, "bin", "Release", "net10.0", $"{name}.dll");
        return (Hash(assembly), Hash(Path.ChangeExtension(assembly, ".pdb")));
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
