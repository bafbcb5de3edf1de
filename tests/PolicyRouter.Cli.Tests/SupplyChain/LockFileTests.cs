using System.Diagnostics;
using System.Text.Json.Nodes;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>Packages other than those of the lock file end the run, before anything is built or tested.</summary>
public sealed class LockFileTests
{
    private const string Project = "src/Patched.DistributedLock.Postgres/Patched.DistributedLock.Postgres.csproj";

    [Theory]
    [InlineData(null)]
    [InlineData("version")]
    [InlineData("content")]
    [InlineData("missing")]
    public async Task LockFileThatDrifts_EndsTheRun(string? drift)
    {
        var folder = TestFolder.Create("drift");
        try
        {
            foreach (var file in new[] { ".ci/run", ".ci/audit", "Directory.Build.props", "Directory.Packages.props", "global.json" })
            {
                var copy = Path.Combine(folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(Path.Combine(Repository.Root, file), copy);
            }

            // What would come after the packages: that it was reached.
            await File.WriteAllTextAsync(Path.Combine(folder, ".ci", "audit"), "#!/bin/sh\necho reached\nexit 1\n");
            File.Copy(Path.Combine(Repository.Root, Project), Path.Combine(folder, Path.GetFileName(Project)));
            await File.WriteAllTextAsync(Path.Combine(folder, "packages.lock.json"), await DriftedAsync(drift));

            var (code, output) = await RunAsync(folder);

            Assert.Equal(1, code);
            Assert.Equal(drift is null, output.Contains("reached", StringComparison.Ordinal));
            Assert.Equal(drift is not null, output.Contains("The packages are not those of packages.lock.json.", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> DriftedAsync(string? drift)
    {
        var file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, Path.GetDirectoryName(Project)!, "packages.lock.json")))!;
        var packages = file["dependencies"]!["net10.0"]!.AsObject();
        var package = packages.First(static one => (string?)one.Value!["type"] == "Direct").Value!;
        switch (drift)
        {
            case "version":
                package["requested"] = "[0.0.1, )";
                package["resolved"] = "0.0.1";
                break;
            case "content":
                package["contentHash"] = Convert.ToBase64String(new byte[64]);
                break;
            case "missing":
                packages.Remove(packages.First(static one => (string?)one.Value!["type"] != "Direct").Key);
                break;
        }

        return file.ToJsonString();
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder)
    {
        ProcessStartInfo start = new("bash", [Path.Combine(folder, ".ci", "run")]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var run = Process.Start(start)!;
        var errors = run.StandardError.ReadToEndAsync();
        var output = await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        return (run.ExitCode, output + await errors);
    }
}
