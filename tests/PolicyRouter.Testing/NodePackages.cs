using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace PolicyRouter.Testing;

/// <summary>
/// What a folder's lock file names, installed from npm outside the checkout: once for each lock file, whoever asks, and kept for the next run.
/// </summary>
/// <param name="Modules">Where the packages lie.</param>
/// <param name="Scripts">A copy of the folder from where Node finds them.</param>
/// <param name="Missing">What this machine lacks; null when nothing.</param>
public sealed record NodePackages(string Modules, string Scripts, string? Missing)
{
    private const int OldestNode = 20;
    private const string ModulesName = "node_modules";

    private static string Cache { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } home ? home : Path.GetTempPath(),
        "policyrouter-tests",
        "npm");

    /// <param name="source">A folder with <c>package.json</c>, <c>package-lock.json</c> and, if need be, scripts.</param>
    public static async Task<NodePackages> InstallAsync(string source)
    {
        string[] files = [.. Directory.EnumerateFiles(source).Order(StringComparer.Ordinal)];
        var installed = Path.Combine(Cache, HashOf(files.Where(static file => Path.GetFileName(file) == "package-lock.json")));
        // Node looks for packages in the folders above a script, too.
        NodePackages packages = new(Path.Combine(installed, ModulesName), Path.Combine(installed, HashOf(files)), null);
        try
        {
            if (await MissingNodeAsync() is { } tooOld)
            {
                return packages with { Missing = tooOld };
            }

            if (!Directory.Exists(installed) && await FillAsync(files, installed) is { } failure)
            {
                return packages with { Missing = failure };
            }

            if (!Directory.Exists(packages.Scripts))
            {
                Publish(DraftOf(packages.Scripts, files), packages.Scripts);
            }

            return packages;
        }
        catch (Win32Exception)
        {
            return packages with { Missing = "Node.js with npm is not installed." };
        }
    }

    private static async Task<string?> MissingNodeAsync()
    {
        var (_, version, _) = await RunAsync("node", Path.GetTempPath(), "--version");
        return int.TryParse(version.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture, out var major) && major >= OldestNode
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"Node.js {OldestNode} or newer is needed, this is {version.Trim()}.");
    }

    private static async Task<string?> FillAsync(string[] files, string installed)
    {
        var draft = DraftOf(installed, files);
        var (exitCode, _, error) = await RunAsync("npm", draft, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        if (exitCode != 0)
        {
            Directory.Delete(draft, recursive: true);
            return $"npm ci could not install what is named beside {files[0]}: {error}";
        }

        Publish(draft, installed);
        return null;
    }

    private static string DraftOf(string folder, string[] files)
    {
        var draft = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        foreach (var file in files)
        {
            File.Copy(file, Path.Combine(draft, Path.GetFileName(file)));
        }

        return draft;
    }

    /// <summary>A folder appears whole or not at all, also while another test run makes the same one.</summary>
    private static void Publish(string draft, string folder)
    {
        try
        {
            Directory.Move(draft, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(draft, recursive: true);
        }
    }

    private static string HashOf(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12));
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
