using System.Text.Json;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>A package as a lock file pins it.</summary>
/// <param name="ContentHash">SHA-512 over the package's content, base64, as NuGet computes it.</param>
/// <param name="Dependencies">Names of the packages it asks for.</param>
internal sealed record LockedPackage(string Name, string Version, string ContentHash, IReadOnlyList<string> Dependencies)
{
    /// <summary>The package URL by which other tools know it.</summary>
    public string Purl => $"pkg:nuget/{Name}@{Version}";
}

/// <summary>A <c>packages.lock.json</c>.</summary>
internal static class LockFile
{
    /// <summary>Of the executable: everything that ships.</summary>
    public static string OfProduct { get; } = Path.Combine(Repository.Root, "src", "PolicyRouter.Cli", "packages.lock.json");

    /// <summary>Lock files of the repository, by their paths.</summary>
    public static IEnumerable<string> All() => Directory
        .EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
        .Select(static project => Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"))
        .Order(StringComparer.Ordinal);

    /// <summary>Its packages in ordinal order; projects of this repository are left out.</summary>
    public static IReadOnlyList<LockedPackage> Read(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. file.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(static framework => framework.Value.EnumerateObject())
            .Where(static entry => entry.Value.GetProperty("type").GetString() is not "Project")
            .Select(static entry => new LockedPackage(
                entry.Name,
                entry.Value.GetProperty("resolved").GetString()!,
                entry.Value.GetProperty("contentHash").GetString()!,
                entry.Value.TryGetProperty("dependencies", out var needs) ? [.. needs.EnumerateObject().Select(static need => need.Name)] : []))
            .OrderBy(static package => package.Name, StringComparer.Ordinal)];
    }
}
