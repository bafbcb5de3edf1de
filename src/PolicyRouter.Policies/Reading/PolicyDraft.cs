using System.IO.Compression;

namespace PolicyRouter.Policies.Reading;

/// <summary>
/// Policy files that somebody handed in and that lie in no folder: they are checked, compiled and hashed like those of one, and are gone with this object.
/// </summary>
public sealed class PolicyDraft : IPolicyPlace
{
    /// <summary>The most that all files together may have, in bytes, unpacked.</summary>
    public const int MostBytes = 8 * 1_048_576;

    /// <summary>The most files.</summary>
    public const int MostFiles = 500;

    private const int LongestPath = 200;
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private PolicyDraft(string name) => Name = name;

    /// <summary>What people call it: it stands before the names of its files in problems.</summary>
    public string Name { get; }

    /// <summary>Paths of its files, with forward slashes, in ordinal order.</summary>
    public IReadOnlyCollection<string> Paths => _files.Keys;

    /// <param name="files">Each with its path relative to the policy folder, or, all of them alike, with that folder before it.</param>
    /// <exception cref="FormatException">There are no files, too many or too large ones, or a path leads out of the folder. The message is for who handed them in.</exception>
    public static PolicyDraft Of(string name, IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        PolicyDraft draft = new(name);
        long bytes = 0;
        foreach (var (path, content) in files)
        {
            bytes += content.Length;
            draft.Add(path, content, bytes);
        }

        return draft.WithoutFolder();
    }

    /// <summary>The files of a ZIP archive.</summary>
    /// <exception cref="FormatException">It is no archive, or what lies in it is no draft.</exception>
    public static PolicyDraft OfZip(string name, Stream archive)
    {
        try
        {
            using ZipArchive zip = new(archive, ZipArchiveMode.Read, leaveOpen: true);
            PolicyDraft draft = new(name);
            long bytes = 0;
            foreach (var entry in zip.Entries.Where(static entry => !entry.FullName.EndsWith('/')))
            {
                using var stream = entry.Open();
                // What the archive says of its sizes is not believed: a small one may unpack to anything.
                var content = Unpack(stream, MostBytes - bytes);
                bytes += content.Length;
                draft.Add(entry.FullName, content, bytes);
            }

            return draft.WithoutFolder();
        }
        catch (Exception damaged) when (damaged is InvalidDataException or NotSupportedException or IOException)
        {
            throw new FormatException("The file is no ZIP archive that can be read.");
        }
    }

    /// <summary>The YAML files of a policy folder.</summary>
    /// <exception cref="FormatException">There are none, or too many or too large ones.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be read.</exception>
    public static PolicyDraft OfFolder(string name, string folder) => Of(
        name,
        Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories)
            .Select(file => KeyValuePair.Create(Path.GetRelativePath(folder, file).Replace('\\', '/'), ReadAll(file))));

    private static byte[] ReadAll(string path)
    {
        using var file = PolicyOnDisk.OpenPath(path);
        using MemoryStream content = new();
        file.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The same draft with further files, which take the place of those with their paths.</summary>
    /// <exception cref="FormatException">They are too many or too large together, or a path leads out of the folder.</exception>
    public PolicyDraft With(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        Dictionary<string, byte[]> all = new(_files, StringComparer.Ordinal);
        foreach (var (path, content) in files)
        {
            all[path.Replace('\\', '/')] = content;
        }

        return Of(Name, all);
    }

    /// <summary>Its files, each with its path.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> Files => _files;

    bool IPolicyPlace.HasFolder(string folder) => folder.Length == 0 || _files.Keys.Any(path => path.StartsWith(folder + "/", StringComparison.Ordinal));

    IEnumerable<string> IPolicyPlace.FilesIn(string folder) => Below(folder).Where(static rest => !rest.Contains('/'));

    IEnumerable<string> IPolicyPlace.FoldersIn(string folder) =>
        Below(folder).Where(static rest => rest.Contains('/')).Select(static rest => rest[..rest.IndexOf('/')]).Distinct(StringComparer.Ordinal);

    Stream IPolicyPlace.Open(string file) => new MemoryStream(_files[file], writable: false);

    private static byte[] Unpack(Stream stream, long most)
    {
        using MemoryStream content = new();
        var buffer = new byte[65_536];
        while (stream.Read(buffer) is > 0 and var count)
        {
            content.Write(buffer, 0, count);
            if (content.Length > most)
            {
                throw TooLarge();
            }
        }

        return content.ToArray();
    }

    private static FormatException TooLarge() => new($"The files are larger than {MostBytes / 1_048_576} MiB together.");

    private IEnumerable<string> Below(string folder) => folder.Length == 0
        ? _files.Keys
        : _files.Keys.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal)).Select(path => path[(folder.Length + 1)..]);

    private void Add(string path, byte[] content, long bytesSoFar)
    {
        var clean = path.Replace('\\', '/');
        if (clean.Length is 0 or > LongestPath || clean.Any(char.IsControl) || clean.Split('/').Any(static part => part is "" or "." or ".."))
        {
            throw new FormatException("The path of a file is not one inside a policy folder.");
        }

        if (bytesSoFar > MostBytes)
        {
            throw TooLarge();
        }

        if (_files.Count == MostFiles)
        {
            throw new FormatException($"There are more than {MostFiles} files.");
        }

        if (!_files.TryAdd(clean, content))
        {
            throw new FormatException($"The file {clean} is there twice.");
        }
    }

    /// <summary>Archives often hold the folder, not its files.</summary>
    private PolicyDraft WithoutFolder()
    {
        if (_files.Count == 0)
        {
            throw new FormatException("There are no files.");
        }

        var first = _files.Keys.First();
        var folder = first[..(first.IndexOf('/') + 1)];
        if (folder.Length == 0 || folder == PolicyFiles.RulesFolder + "/" || !_files.Keys.All(path => path.StartsWith(folder, StringComparison.Ordinal)))
        {
            return this;
        }

        PolicyDraft draft = new(Name);
        foreach (var (path, content) in _files)
        {
            draft._files.Add(path[folder.Length..], content);
        }

        return draft;
    }
}
