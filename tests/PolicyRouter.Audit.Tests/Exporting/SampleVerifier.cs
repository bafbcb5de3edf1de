using System.ComponentModel;
using System.Diagnostics;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Exporting;

/// <summary>Runs <c>docs/samples/verify-log.mjs</c>, which shares no code with the product.</summary>
internal static class SampleVerifier
{
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] export, SealedLog log, params string[] kept)
    {
        var folder = TestFolder.Create("export");
        try
        {
            var (file, key) = (Path.Combine(folder, "export.ndjson"), Path.Combine(folder, "key.pem"));
            await File.WriteAllTextAsync(file, string.Concat(export.Select(static line => line + "\n")));
            await File.WriteAllTextAsync(key, log.Signer.Key.ToPem());
            ProcessStartInfo start = new("node", [Path.Combine(Repository.Root, "docs", "samples", "verify-log.mjs"), file, key, .. kept])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output + await error);
        }
        catch (Win32Exception)
        {
            Skip.If(true, "Node.js is not installed.");
            throw;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
