using System.Text;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// A file of a policy folder. The first line of the input names it (<c>rules/core.yaml</c> when it names none); the other files are those of a small pack that is good. Nothing is thrown: the folder
/// loads, or is refused with problems that all have a file, a line and a column.
/// </summary>
internal static class PolicyTarget
{
    private const string Default = "rules/core.yaml";
    private static readonly DateTimeOffset Today = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Files = ["data-classes.yaml", "endpoints.yaml", "redaction.yaml", "registry.yaml", "routes.yaml", Default, "tenants/clinic.yaml", "tests/core.tests.yaml"];

    private static readonly PolicyLoadOptions Options = new()
    {
        RedactionProfiles = new HashSet<string>(["hipaa-safe-harbor-18", "pci-pan"], StringComparer.Ordinal),
        Review = new PolicyReview(Today, RunsCases: true),
    };

    // One for each process: the shell that runs several keeps them apart.
    private static readonly string Folder = MakeFolder();

    public static void Run(ReadOnlySpan<byte> input)
    {
        var (file, content) = Split(input);
        var path = Path.Combine(Folder, file);
        File.WriteAllBytes(path, content);
        try
        {
            var loaded = PolicyFolder.Load(Folder, Options);
            Check(loaded);
            if (loaded is PolicyLoadResult.Loaded(var snapshot, _))
            {
                BrokenPromiseException.ThrowUnless(PolicyFolder.Load(Folder, Options) is PolicyLoadResult.Loaded again && again.Snapshot.Version == snapshot.Version, "the same files are the same policy");
            }
        }
        finally
        {
            Restore(file, path);
        }
    }

    private static void Check(PolicyLoadResult result)
    {
        BrokenPromiseException.ThrowUnless(
            result.Problems.Any(static problem => problem.Severity is Severity.Error) == result is PolicyLoadResult.Refused,
            "a folder is refused for an error, and for nothing else");
        foreach (var problem in result.Problems)
        {
            BrokenPromiseException.ThrowUnless(
                problem.File.Length > 0 && problem.Line >= 1 && problem.Column >= 1 && problem.Length >= 1 && problem.Message.Length > 0 && problem.Code.StartsWith("PR", StringComparison.Ordinal),
                "a problem has a file, a line, a column, a code and a message");
            BrokenPromiseException.ThrowUnless(problem.Message.Length < 4_096, "a message is short enough to be read");
        }
    }

    private static (string File, byte[] Content) Split(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)'\n');
        var named = end is > 0 and < 64 ? Encoding.UTF8.GetString(input[..end]) : "";
        return Files.Contains(named) ? (named, input[(end + 1)..].ToArray()) : (Default, input.ToArray());
    }

    private static string MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("policyrouter-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var file in Files)
        {
            var path = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Restore(file, path);
        }

        return folder;
    }

    private static void Restore(string file, string path)
    {
        using var good = typeof(PolicyTarget).Assembly.GetManifestResourceStream(file);
        if (good is null)
        {
            File.Delete(path);
            return;
        }

        using var stream = File.Create(path);
        good.CopyTo(stream);
    }
}
