using System.Globalization;

namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>Where <c>initdb</c> and <c>postgres</c> lie.</summary>
internal sealed record PostgresBinaries(string Folder)
{
    public string InitDb => Path.Combine(Folder, "initdb");
    public string Postgres => Path.Combine(Folder, "postgres");

    /// <summary>
    /// The first folder that holds both and runs under <paramref name="account"/>: <c>PG_BIN</c>, then the places where the
    /// packages of the distributions put them (newest first), Homebrew, the search path, and last what was fetched by us.
    /// </summary>
    public static async Task<PostgresBinaries?> FindAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        foreach (var folder in Candidates())
        {
            PostgresBinaries binaries = new(folder);
            if (File.Exists(binaries.InitDb) && File.Exists(binaries.Postgres)
                && (await ToolProcess.RunAsync(account.Run(binaries.Postgres, "--version"), cancellationToken)).Succeeded)
            {
                return binaries;
            }
        }

        return null;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("PG_BIN") is { Length: > 0 } given)
        {
            yield return given;
        }

        foreach (var folder in Versions("/usr/lib/postgresql", "*").Concat(Versions("/usr", "pgsql-*"))
            .Concat(Versions("/opt/homebrew/opt", "postgresql@*")).Concat(Versions("/usr/local/opt", "postgresql@*")))
        {
            yield return Path.Combine(folder, "bin");
        }

        var searchPath = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var folder in searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }

        yield return PostgresInstaller.NpmBinFolder;
    }

    private static IEnumerable<string> Versions(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern)
                .OrderByDescending(static folder => Version(Path.GetFileName(folder)))
            : [];

    private static double Version(string name)
    {
        var digits = name.AsSpan(name.AsSpan().LastIndexOfAny('-', '@') + 1);
        return double.TryParse(digits, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }
}
