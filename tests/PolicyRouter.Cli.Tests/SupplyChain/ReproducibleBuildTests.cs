using System.Diagnostics;
using System.Security.Cryptography;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>The same sources give the same bytes, wherever they lie: who rebuilds a release can compare it.</summary>
public sealed class ReproducibleBuildTests
{
    private const string Project = "src/PolicyRouter.Policies";
    private static readonly string[] Shared = ["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "BannedSymbols.txt", "BannedSymbols.Console.txt"];

    [Fact]
    public async Task TwoBuildsInTwoFolders_GiveTheSameAssembly()
    {
        var root = TestFolder.Create("reproducible");
        try
        {
            var built = await Task.WhenAll(BuildAsync(Path.Combine(root, "a")), BuildAsync(Path.Combine(root, "another", "place")));

            Assert.Equal(built[0], built[1]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>SHA-256 of the assembly and of its symbols.</summary>
    private static async Task<(string Assembly, string Symbols)> BuildAsync(string folder)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, Project), "*", SearchOption.AllDirectories)
            .Where(static path => !Path.GetRelativePath(Repository.Root, path).Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"));
        foreach (var source in sources.Concat(Shared.Select(static name => Path.Combine(Repository.Root, name))))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Repository.Root, source));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(source, copy);
        }

        // In locked mode, as the lock file of the project is among what is copied. No servers are left behind that outlive the test.
        ProcessStartInfo start = new("dotnet", ["build", Project, "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RestoreLockedMode=true"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, output);

        var assembly = Path.Combine(folder, Project, "bin", "Release", "net10.0", "PolicyRouter.Policies.dll");
        return (Hash(assembly), Hash(Path.ChangeExtension(assembly, ".pdb")));
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
