using System.Text.Json;
using System.Xml.Linq;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>What a restored package says about itself in its <c>.nuspec</c>.</summary>
/// <param name="Licence">An SPDX expression.</param>
/// <param name="IsForDevelopment">True for analyzers and the like, which do not ship.</param>
internal sealed record PackageManifest(string Licence, bool IsForDevelopment)
{
    // Packages that name no SPDX expression, by the text that they carry or point to; read once, for this version.
    private static readonly Dictionary<string, string> ReadByHand = new(StringComparer.Ordinal)
    {
        ["Bogus@35.6.5"] = "MIT AND BSD-3-Clause",
        ["K4os.Compression.LZ4@1.3.8"] = "MIT",
        ["System.Security.Cryptography.ProtectedData@4.5.0"] = "MIT",
    };

    private static readonly Lazy<IReadOnlyList<string>> Folders = new(static () =>
    {
        using var assets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "src", "PolicyRouter.Cli", "obj", "project.assets.json")));
        return [.. assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(static folder => folder.Name)];
    });

    /// <exception cref="InvalidOperationException">The package is not restored, or names no licence that is known.</exception>
    public static PackageManifest Of(LockedPackage package)
    {
        var metadata = XDocument.Load(Restored(package, $"{package.Name.ToLowerInvariant()}.nuspec")).Root!.Elements().First(static element => element.Name.LocalName == "metadata");
        var expression = Value(metadata, "license") is { } licence && licence.Attribute("type")?.Value == "expression"
            ? licence.Value
            : ReadByHand.GetValueOrDefault($"{package.Name}@{package.Version}")
                ?? throw new InvalidOperationException($"{package.Name} {package.Version} names no SPDX licence: read its licence text and add it here.");
        return new PackageManifest(expression, Value(metadata, "developmentDependency")?.Value == "true");
    }

    /// <summary>The hash that NuGet computed of the package when it was restored.</summary>
    /// <exception cref="InvalidOperationException">The package is not restored.</exception>
    public static string RestoredHash(LockedPackage package)
    {
        using var metadata = JsonDocument.Parse(File.ReadAllBytes(Restored(package, ".nupkg.metadata")));
        return metadata.RootElement.GetProperty("contentHash").GetString()!;
    }

    private static string Restored(LockedPackage package, string file) => Folders.Value
        .Select(folder => Path.Combine(folder, package.Name.ToLowerInvariant(), package.Version.ToLowerInvariant(), file))
        .FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"{package.Name} {package.Version} is not restored.");

    private static XElement? Value(XElement metadata, string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name);
}
