using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Policies.Tests.Packs;

/// <summary>Where the policy folders of the tests lie, and how they are loaded.</summary>
internal static class TestFolders
{
    public static PolicyLoadOptions Options { get; } = new()
    {
        RedactionProfiles = new HashSet<string>(StringComparer.Ordinal)
        {
            "gdpr-direct", "hipaa-direct-identifiers", "hipaa-safe-harbor-18", "pci-pan", "secrets",
        },
    };

    public static string Root { get; } = FindRoot();

    /// <summary>The pack that ships.</summary>
    public static string Shipped { get; } = Path.Combine(Root, "policies");

    /// <summary>The small pack that the language was defined with.</summary>
    public static string Example { get; } = Path.Combine(Root, "tests", "PolicyRouter.Policies.Tests", "Packs", "example");

    public static PolicySnapshot Load(string folder)
    {
        var result = PolicyFolder.Load(folder, Options);
        return result is PolicyLoadResult.Loaded loaded
            ? loaded.Snapshot
            : throw new InvalidOperationException(string.Join('\n', result.Problems.Select(Printing.ProblemPrinter.Print)));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PolicyRouter.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("No folder above the tests holds PolicyRouter.sln.");
    }
}
