using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>The folder of one private server: its data, the port it had last, its password.</summary>
internal sealed record ClusterFolder(string Path)
{
    public string Data => System.IO.Path.Combine(Path, "data");
    private string PasswordFile => System.IO.Path.Combine(Path, "password");
    private string PortFile => System.IO.Path.Combine(Path, "port");
    private string LockFile => System.IO.Path.Combine(Data, "postmaster.pid");

    /// <summary>Where the data of <paramref name="requested"/> lie when the account of the server cannot reach that folder.</summary>
    public static string Substitute(string requested) =>
        "/var/tmp/policyrouter-pg-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requested)).AsSpan(0, 8));

    /// <summary>Creates the folder, 0700, owned by the account of the server.</summary>
    [UnsupportedOSPlatform("windows")]
    public static async Task<ClusterFolder> PrepareAsync(
        string requested, ServerAccount account, ILogger logger, CancellationToken cancellationToken)
    {
        var path = System.IO.Path.GetFullPath(requested);
        if (account.User is { } user && !await CanEnterAsync(account, path, cancellationToken))
        {
            path = Substitute(path);
            logger.FolderMoved(user, path);
        }

        var existed = Directory.Exists(path);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (account.User is not null && (!existed || !Directory.EnumerateFileSystemEntries(path).Any()))
        {
            await RequireAsync(["/usr/bin/env", "chown", "-h", account.User, path], cancellationToken);
        }

        // A folder of that name made by somebody else, or a link to elsewhere, is not ours to write into.
        await RequireAsync(
            account.Run("/bin/sh", "-c", "test -d \"$1\" && test ! -L \"$1\" && test -O \"$1\" && chmod 0700 \"$1\"", "sh", path),
            cancellationToken);
        return new ClusterFolder(path);
    }

    /// <summary>Runs <c>initdb</c> unless it ran before. Interrupted runs leave no half-made data folder under the final name.</summary>
    [UnsupportedOSPlatform("windows")]
    public async Task InitializeAsync(PostgresBinaries binaries, ServerAccount account, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Data))
        {
            return;
        }

        var half = Data + ".new";
        if (Directory.Exists(half))
        {
            Directory.Delete(half, recursive: true);
        }

        if (!File.Exists(PasswordFile))
        {
            await using StreamWriter file = new(PasswordFile, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            await file.WriteAsync(RandomNumberGenerator.GetHexString(32, lowercase: true));
        }

        if (account.User is not null)
        {
            await RequireAsync(["/usr/bin/env", "chown", account.User, PasswordFile], cancellationToken);
        }

        await RequireAsync(
            account.Run(
                binaries.InitDb, "-D", half, "-U", "policyrouter", "--auth=scram-sha-256", "--pwfile=" + PasswordFile,
                "--data-checksums", "--encoding=UTF8", "--locale=C"),
            cancellationToken);
        Directory.Move(half, Data);
    }

    public string? Password() => File.Exists(PasswordFile) ? File.ReadAllText(PasswordFile).Trim() : null;

    /// <summary>The port the server had last: clients of a restarted server find it where it was. 0 when there was none.</summary>
    public int LastPort() =>
        File.Exists(PortFile) && int.TryParse(File.ReadAllText(PortFile), CultureInfo.InvariantCulture, out var port) ? port : 0;

    public void RememberPort(int port) => File.WriteAllText(PortFile, port.ToString(CultureInfo.InvariantCulture));

    /// <summary>Process id in the server's lock file, or null when there is none.</summary>
    public int? Postmaster()
    {
        try
        {
            return int.TryParse(File.ReadLines(LockFile).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>After a kill -9 the lock file stays, and its process may linger as a zombie that PostgreSQL takes for alive.</summary>
    public void RemoveStaleLock(ILogger logger)
    {
        if (Postmaster() is { } process && !ServerProcess.IsAlive(process))
        {
            File.Delete(LockFile);
            logger.StaleLockRemoved(process);
        }
    }

    private static async Task<bool> CanEnterAsync(ServerAccount account, string path, CancellationToken cancellationToken)
    {
        var existing = path;
        while (!Directory.Exists(existing))
        {
            existing = System.IO.Path.GetDirectoryName(existing) ?? "/";
        }

        var mine = existing == path ? " && test -O \"$1\"" : "";
        var empty = existing == path && !Directory.EnumerateFileSystemEntries(path).Any();
        var result = await ToolProcess.RunAsync(
            account.Run("/bin/sh", "-c", "cd \"$1\"" + (empty ? "" : mine), "sh", existing), cancellationToken);
        return result.Succeeded;
    }

    private static async Task RequireAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await ToolProcess.RunAsync(command, cancellationToken);
        if (!result.Succeeded)
        {
            throw new LocalPostgresException(
                $"Preparing the private PostgreSQL failed with exit code {result.ExitCode}: {result.Complaint}");
        }
    }
}
