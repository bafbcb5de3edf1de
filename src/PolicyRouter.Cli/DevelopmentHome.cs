using System.Security.Cryptography;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Cli;

/// <summary>
/// The folder of development state: <c>.policyrouter/</c> under the current folder, or where <c>POLICYROUTER_HOME</c> says. Only its owner
/// can list it.
/// </summary>
internal sealed class DevelopmentHome
{
    private const string KeyFile = "development-signing-key.pem";
    private const string CheckpointKeyFile = "audit-signing-key.pem";

    private DevelopmentHome(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Where a private PostgreSQL keeps its data.</summary>
    public string DatabaseFolder => Path.Combine(Folder, "postgres");

    /// <summary>Where the checkpoints of the private database's log are kept.</summary>
    public string CheckpointFolder => Path.Combine(Folder, "checkpoints");

    /// <summary>The public half of the key that signs them.</summary>
    public string CheckpointPublicKey => Path.Combine(Folder, "audit-public-key.pem");

    /// <exception cref="IOException">The folder could not be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static DevelopmentHome Open()
    {
        var named = Environment.GetEnvironmentVariable("POLICYROUTER_HOME");
        return OpenAt(string.IsNullOrWhiteSpace(named) ? Path.Combine(Environment.CurrentDirectory, ".policyrouter") : named);
    }

    internal static DevelopmentHome OpenAt(string folder)
    {
        var full = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(full);
        }
        else
        {
            // Others may pass through (a private PostgreSQL runs under its own account) but not list.
            Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return new DevelopmentHome(full);
    }

    /// <summary>The key that signs development tokens, made at the first use; its file is readable by its owner only.</summary>
    /// <exception cref="CryptographicException">The file is not a key.</exception>
    public ECDsa OpenSigningKey()
    {
        var path = Path.Combine(Folder, KeyFile);
        if (!File.Exists(path))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            WriteOnce(path, made.ExportPkcs8PrivateKeyPem());
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (ArgumentException error)
        {
            key.Dispose();
            throw new CryptographicException($"{path} is not a private key; delete it to get a new one.", error);
        }
    }

    /// <summary>The key that signs the audit log's checkpoints, made at the first use with its public half beside it.</summary>
    /// <returns>Its file, readable by its owner only.</returns>
    /// <exception cref="CryptographicException">The file is not a key.</exception>
    public string OpenCheckpointKey()
    {
        var path = Path.Combine(Folder, CheckpointKeyFile);
        if (!File.Exists(path))
        {
            WriteOnce(path, CheckpointSigner.Create().ToPem());
        }

        try
        {
            WriteOnce(CheckpointPublicKey, CheckpointSigner.FromPem(File.ReadAllText(path)).Key.ToPem());
            return path;
        }
        catch (FormatException error)
        {
            throw new CryptographicException($"{path} is not a private key; delete it and its public half to get new ones.", error);
        }
    }

    /// <summary>The public half of <see cref="OpenCheckpointKey"/>, made if need be.</summary>
    /// <exception cref="CryptographicException">The file is not a key.</exception>
    public CheckpointKey ReadCheckpointPublicKey()
    {
        _ = OpenCheckpointKey();
        return CheckpointKey.FromPem(File.ReadAllText(CheckpointPublicKey));
    }

    private void WriteOnce(string path, string content)
    {
        if (File.Exists(path))
        {
            return;
        }

        // Written beside and moved: a second process never reads half a key, and the first one wins.
        var draft = Path.Combine(Folder, Path.GetRandomFileName());
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (StreamWriter writer = new(draft, options))
        {
            writer.Write(content);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
