using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>
/// What the product is made of, from its lock file: as CycloneDX 1.6 JSON (ECMA-424) and as a list of licences for people. The same lock file gives the same text: there is
/// no serial number and no time in it.
/// </summary>
internal static class BillOfMaterials
{
    private const string Product = "policyrouter";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToCycloneDx(IReadOnlyList<LockedPackage> packages, string version)
    {
        var shipped = Shipped(packages).ToDictionary(static entry => entry.Package.Name, StringComparer.OrdinalIgnoreCase);
        HashSet<string> needed = [.. packages.SelectMany(static package => package.Dependencies)];
        JsonObject root = new()
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "application", ["bom-ref"] = Product, ["name"] = Product, ["version"] = version, ["licenses"] = Licences("MIT"),
                },
            },
            ["components"] = new JsonArray([.. shipped.Values.Select(static entry => Component(entry.Package, entry.Licence))]),
            ["dependencies"] = new JsonArray(
            [
                Needs(Product, shipped.Values.Where(entry => !needed.Contains(entry.Package.Name)).Select(static entry => entry.Package.Purl)),
                .. shipped.Values.Select(entry => Needs(
                    entry.Package.Purl, entry.Package.Dependencies.Where(shipped.ContainsKey).Select(name => shipped[name].Package.Purl))),
            ]),
        };
        return root.ToJsonString(Format) + "\n";
    }

    /// <summary>A Markdown table, one line a package.</summary>
    public static string ToLicenceList(IReadOnlyList<LockedPackage> packages) =>
        "# Under which licences are the packages that ship?\n\nMade from `src/PolicyRouter.Cli/packages.lock.json` and what each package says of itself; a test compares.\n\n"
        + "| package | version | licence |\n|---|---|---|\n"
        + string.Concat(Shipped(packages).Select(static entry => $"| {entry.Package.Name} | {entry.Package.Version} | {entry.Licence} |\n"));

    private static IEnumerable<(LockedPackage Package, string Licence)> Shipped(IReadOnlyList<LockedPackage> packages) =>
        from package in packages
        let manifest = PackageManifest.Of(package)
        where !manifest.IsForDevelopment
        select (package, manifest.Licence);

    private static JsonObject Component(LockedPackage package, string licence) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = package.Purl,
        ["name"] = package.Name,
        ["version"] = package.Version,
        ["scope"] = "required",
        ["licenses"] = Licences(licence),
        ["purl"] = package.Purl,
        // Not under "hashes": NuGet leaves the signature out of it, so it is not the hash of the package's file.
        ["properties"] = new JsonArray(new JsonObject { ["name"] = "nuget:contentHash", ["value"] = package.ContentHash }),
    };

    private static JsonArray Licences(string expression) => expression.Contains(' ', StringComparison.Ordinal)
        ? new JsonArray(new JsonObject { ["expression"] = expression })
        : new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = expression } });

    private static JsonObject Needs(string package, IEnumerable<string> needed) => new()
    {
        ["ref"] = package,
        ["dependsOn"] = new JsonArray([.. needed.Order(StringComparer.Ordinal).Select(static purl => (JsonNode)purl)]),
    };
}
