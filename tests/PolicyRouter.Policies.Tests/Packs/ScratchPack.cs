using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Policies.Tests.Packs;

/// <summary>A copy of a pack in a folder of its own, to be changed and loaded.</summary>
internal sealed class ScratchPack : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("policies-").FullName;

    public ScratchPack(string source)
    {
        Folder = Path.Combine(_parent, "policies");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Folder { get; }

    public string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    public ScratchPack Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public ScratchPack Replace(string file, string old, string replacement)
    {
        var text = Read(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        return Write(file, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    public PolicyLoadResult Load(PolicyLoadOptions? options = null) => PolicyFolder.Load(Folder, options ?? TestFolders.Options);

    public PolicySnapshot Snapshot() => Assert.IsType<PolicyLoadResult.Loaded>(Load()).Snapshot;

    public IReadOnlyList<Problem> Errors(PolicyLoadOptions? options = null) =>
        [.. Load(options).Problems.Where(static problem => problem.Severity is Severity.Error)];

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
