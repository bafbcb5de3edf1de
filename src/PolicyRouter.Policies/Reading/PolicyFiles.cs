using System.Security.Cryptography;
using System.Text;

namespace PolicyRouter.Policies.Reading;

/// <summary>The files of one policy folder: found, read once, and hashed. What is hashed is what is checked.</summary>
internal sealed class PolicyFiles
{
    public const string Registry = "registry.yaml";
    public const string DataClasses = "data-classes.yaml";
    public const string Endpoints = "endpoints.yaml";
    public const string Routes = "routes.yaml";
    public const string Redaction = "redaction.yaml";
    public const string RulesFolder = "rules";
    public const string TestsFolder = "tests";
    private const string TenantsFolder = "tenants";
    private const int LargestFile = 1_048_576;
    private const int MostFiles = 1_000;

    private static readonly string[] TopLevel = [DataClasses, Endpoints, Redaction, Registry, Routes];
    private static readonly string[] Folders = ["contracts", "rules", "schema", "tenants", "tests"];

    private readonly IPolicyPlace _place;
    private readonly ProblemLog _log;
    private readonly SortedDictionary<string, (byte[] Bytes, SourceFile? File)> _files = new(StringComparer.Ordinal);

    private PolicyFiles(IPolicyPlace place, ProblemLog log)
    {
        _place = place;
        _log = log;
    }

    /// <summary>Rule files in ordinal order of their paths.</summary>
    public IEnumerable<SourceFile> Rules => In(RulesFolder);

    /// <summary>Files of cases and claims in ordinal order of their paths.</summary>
    public IEnumerable<SourceFile> Tests => In(TestsFolder);

    /// <summary>Files of tenants in ordinal order of their paths, each with the tenant's name.</summary>
    public IEnumerable<(SourceFile File, string Tenant)> Tenants => In(TenantsFolder).Select(static file => (file, Path.GetFileNameWithoutExtension(file.Name)));

    /// <summary>A file or folder of the policy as people know it: <c>policies/registry.yaml</c>.</summary>
    public string NameOf(string file) => $"{_place.Name}/{file}";

    /// <summary>True when the folder has this file, readable or not.</summary>
    public bool Has(string name) => _files.ContainsKey(name);

    public SourceFile? this[string name] => _files.TryGetValue(name, out var entry) ? entry.File : null;

    /// <summary>Reads twice, so that a folder that is being written is not taken for a policy that nobody wrote: half of one and half of another.</summary>
    public static PolicyFiles Read(IPolicyPlace place, ProblemLog log)
    {
        var files = ReadOnce(place, log);
        if (files._files.Count > 0 && ReadOnce(place, new()).Hash() != files.Hash())
        {
            log.AboutFile(files._place.Name, ProblemCodes.Unreadable, Severity.Error, "the files are being changed", "wait until all of them are written");
        }

        return files;
    }

    /// <summary>The file of this name for people, to show a line of it.</summary>
    public SourceFile? Shown(string name) => _files.Values.Select(static entry => entry.File).FirstOrDefault(file => file?.Name == name);

    private static PolicyFiles ReadOnce(IPolicyPlace place, ProblemLog log)
    {
        PolicyFiles files = new(place, log);
        try
        {
            if (place.HasFolder(""))
            {
                files.ReadAll();
            }
            else
            {
                log.AboutFile(files._place.Name, ProblemCodes.Unreadable, Severity.Error, "there is no such folder");
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            log.AboutFile(files._place.Name, ProblemCodes.Unreadable, Severity.Error, $"the folder cannot be read ({unreadable.GetType().Name})");
        }

        return files;
    }

    /// <summary>SHA-256 over path and content of every file, in ordinal order of the paths, each with its length before it.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        foreach (var (path, entry) in _files)
        {
            foreach (var part in (byte[][])[Encoding.UTF8.GetBytes(path), entry.Bytes])
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(length, part.Length);
                hash.AppendData(length);
                hash.AppendData(part);
            }
        }

        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void ReadAll()
    {
        foreach (var name in _place.FilesIn("").Order(StringComparer.Ordinal))
        {
            if (TopLevel.Contains(name))
            {
                ReadFile(name);
            }
            else if (LooksLikePolicy(name))
            {
                Stray(name, TopLevel);
            }
        }

        foreach (var name in _place.FoldersIn("").Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith('.') && !Folders.Contains(name))
            {
                Stray(name, Folders);
            }
        }

        ReadFolder(RulesFolder);
        if (!_files.Keys.Any(static key => key.StartsWith(RulesFolder + "/", StringComparison.Ordinal)))
        {
            _log.AboutFile($"{_place.Name}/{RulesFolder}", ProblemCodes.Unreadable, Severity.Error, "there are no rules: nothing would be permitted", "rules/core.yaml");
        }

        ReadFolder(TenantsFolder);
        ReadFolder(TestsFolder);
        Missing(Registry, Severity.Error, "nobody is known without it");
        Missing(DataClasses, Severity.Error, "no data is known without it");
        Missing(Endpoints, Severity.Warning, "nothing can be sent without it");
        Missing(Routes, Severity.Warning, "apps can name deployments only, no routes");
    }

    private void ReadFolder(string name)
    {
        if (!_place.HasFolder(name))
        {
            return;
        }

        string[] files = [.. _place.FilesIn(name).Order(StringComparer.Ordinal)];
        foreach (var file in files.Take(MostFiles))
        {
            if (file.EndsWith(".yaml", StringComparison.Ordinal) && !file.StartsWith('.'))
            {
                ReadFile($"{name}/{file}");
            }
            else if (LooksLikePolicy(file))
            {
                Stray($"{name}/{file}", []);
            }
        }

        if (files.Length > MostFiles)
        {
            _log.AboutFile($"{_place.Name}/{name}", ProblemCodes.TooLarge, Severity.Error, $"more than {MostFiles} files");
        }

        foreach (var nested in _place.FoldersIn(name).Where(static nested => !nested.StartsWith('.')))
        {
            Stray($"{name}/{nested}", []);
        }
    }

    private void ReadFile(string key)
    {
        var shown = $"{_place.Name}/{key}";
        try
        {
            using var stream = _place.Open(key);
            // One byte more than allowed tells too large from exactly full, whatever the length of the file claims to be.
            var buffer = new byte[LargestFile + 1];
            var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (count > LargestFile)
            {
                _files[key] = ([], null);
                _log.AboutFile(shown, ProblemCodes.TooLarge, Severity.Error, "larger than 1 MiB; it was not read");
                return;
            }

            var bytes = buffer[..count];
            _files[key] = (bytes, null);
            if (count == 0)
            {
                _log.AboutFile(shown, ProblemCodes.Unreadable, Severity.Error, "there is nothing in it: it is empty, or a pipe or a device, which are not read");
                return;
            }

            var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
            SourceFile file = new(shown, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(start)));
            _files[key] = (bytes, file);
            CharacterCheck.Check(file, _log);
        }
        catch (DecoderFallbackException)
        {
            _log.AboutFile(shown, ProblemCodes.NotText, Severity.Error, "not UTF-8 text", "save the file as UTF-8");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            _files[key] = ([], null);
            _log.AboutFile(shown, ProblemCodes.Unreadable, Severity.Error, $"the file cannot be read ({unreadable.GetType().Name})");
        }
    }

    private IEnumerable<SourceFile> In(string folder) =>
        _files.Where(pair => pair.Key.StartsWith(folder + "/", StringComparison.Ordinal)).Select(static pair => pair.Value.File).OfType<SourceFile>();

    private void Missing(string name, Severity severity, string consequence)
    {
        if (!_files.ContainsKey(name))
        {
            var code = severity is Severity.Error ? ProblemCodes.Unreadable : ProblemCodes.MissingFile;
            _log.AboutFile($"{_place.Name}/{name}", code, severity, $"the file is missing: {consequence}");
        }
    }

    private void Stray(string name, string[] known) => _log.AboutFile(
        $"{_place.Name}/{name}", ProblemCodes.StrayFile, Severity.Error, "not part of a policy folder, so it would have no effect", NearestWord.To(name, known));

    private static bool LooksLikePolicy(string name) =>
        !name.StartsWith('.') && Path.GetExtension(name).ToUpperInvariant() is ".YAML" or ".YML" or ".JSON";
}
