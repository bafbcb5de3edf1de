namespace PolicyRouter.Policies.Reading;

/// <summary>Policy files in a folder of this machine.</summary>
internal sealed class PolicyOnDisk(string folder) : IPolicyPlace
{
    public string Name { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    public bool HasFolder(string folder) => Directory.Exists(At(folder));

    public IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(At(folder)).Select(static path => Path.GetFileName(path));

    public IEnumerable<string> FoldersIn(string folder) => Directory.EnumerateDirectories(At(folder)).Select(static path => Path.GetFileName(path));

    public Stream Open(string file) => OpenPath(At(file));

    /// <summary>
    /// Opens a file to read it; nothing comes of one without a length. Pipes and devices have none, and opening a pipe that nobody writes to would wait
    /// for ever.
    /// </summary>
    public static Stream OpenPath(string path)
    {
        FileInfo file = new(path);
        return file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Length: 0 } || file is { LinkTarget: null, Length: 0 } ? Stream.Null : File.OpenRead(path);
    }

    private string At(string name) => name.Length == 0 ? folder : Path.Combine(folder, name);
}
