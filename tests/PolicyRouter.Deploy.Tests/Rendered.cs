using System.Diagnostics;
using PolicyRouter.Testing;

namespace PolicyRouter.Deploy.Tests;

/// <summary>Programs that the tests of manifests run where they are installed.</summary>
internal static class Rendered
{
    public static string Deploy { get; } = Path.Combine(Repository.Root, "docs", "deploy");

    /// <summary>All objects of an overlay, as YAML.</summary>
    public static async Task<string> OverlayAsync(string name)
    {
        RequireOnPath("kubectl");
        // The policies lie outside of the overlay's folder, where they belong.
        var (code, output, error) = await RunAsync(
            "kubectl", ["kustomize", "--load-restrictor", "LoadRestrictionsNone", Path.Combine(Deploy, "kubernetes", "overlays", name)], "");
        Assert.True(code == 0, error);
        return output;
    }

    /// <summary>Skips the test when the program is not installed.</summary>
    public static void RequireOnPath(string program) => Skip.IfNot(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))),
        $"{program} is not installed.");

    public static async Task<(int Code, string Output, string Error)> RunAsync(string program, IEnumerable<string> arguments, string input)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
