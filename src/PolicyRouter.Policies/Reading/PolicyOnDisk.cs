namespace PolicyRouter.Policies.Reading;

/// <summary>Policy files in a folder of this machine.</summary>
internal sealed class PolicyOnDisk(string folder) : IPolicyPlace
{
    public string Name { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    public bool HasFolder(string folder) => Directory.Exists(At(folder));

    public IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(At(folder)).Select(static path => Path.GetFileName(path));

    public IEnumerable<string> FoldersIn(string folder) => Directory.EnumerateDirectories(At(folder)).Select(static path => Path.GetFileName(path));

    public Stream Open(string file) => File.OpenRead(At(file));

    private string At(string name) => name.Length == 0 ? folder : Path.Combine(folder, name);
}
