using System.Reflection;
using System.Text.RegularExpressions;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.SupplyChain;

/// <summary>What the product is made of is written down, and is what is built.</summary>
public sealed partial class SupplyChainTests
{
    /// <summary>Set to 1, the documents are written anew instead of being compared.</summary>
    private const string Rewrite = "POLICYROUTER_WRITE_SUPPLY_CHAIN";

    private static readonly string Documents = Path.Combine(Repository.Root, "docs", "supply-chain");

    // What a hospital's or bank's lawyers take without a question: no copyleft, nothing without a licence.
    private static readonly string[] Accepted = ["Apache-2.0", "BSD-3-Clause", "MIT", "MIT AND BSD-3-Clause", "PostgreSQL"];

    [Fact]
    public void BillOfMaterials_IsThatOfTheLockFile() =>
        AssertDocument("policyrouter.cdx.json", BillOfMaterials.ToCycloneDx(LockFile.Read(LockFile.OfProduct), Version()));

    [Fact]
    public void LicenceList_IsThatOfTheLockFile() => AssertDocument("licences.md", BillOfMaterials.ToLicenceList(LockFile.Read(LockFile.OfProduct)));

    [Fact]
    public void LicenceOfEveryPackage_IsOneThatWasAccepted() =>
        Assert.All(LockFile.Read(LockFile.OfProduct), static package => Assert.Contains(PackageManifest.Of(package).Licence, Accepted));

    [Fact]
    public void EveryProject_HasALockFile_ThatNamesHashesAndNoAddresses() => Assert.All(LockFile.All(), static path =>
    {
        var text = File.ReadAllText(path);
        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.All(LockFile.Read(path), static package => Assert.Equal(64, Convert.FromBase64String(package.ContentHash).Length));
    });

    [Fact]
    public void OneVersionOfAPackage_HasOneContent_InAllLockFiles() => Assert.All(
        LockFile.All().SelectMany(LockFile.Read).GroupBy(static package => package.Purl),
        static same => Assert.Single(same.Select(static package => package.ContentHash).Distinct()));

    [Fact]
    public void PackagesThatWereRestored_HaveTheContentOfTheLockFile() => Assert.All(LockFile.Read(LockFile.OfProduct), static package =>
        Assert.Equal(package.ContentHash, PackageManifest.RestoredHash(package)));

    [Fact]
    public void PackageVersions_StandInOnePlace() => Assert.All(
        Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories),
        static project => Assert.DoesNotMatch(VersionOfReference(), File.ReadAllText(project)));

    private static string Version() =>
        typeof(ExitCodes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static void AssertDocument(string name, string expected)
    {
        var path = Path.Combine(Documents, name);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(
            File.ReadAllText(path) == expected,
            $"{name} is not what the lock file says. If the packages were meant to change: {Rewrite}=1 dotnet test tests/PolicyRouter.Cli.Tests --filter SupplyChainTests");
    }

    [GeneratedRegex("<PackageReference[^>]*\\sVersion(Override)?=", RegexOptions.CultureInvariant)]
    private static partial Regex VersionOfReference();
}
