using System.Globalization;

namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>
/// The account the server runs under. PostgreSQL refuses root, so root hands it to <c>postgres</c>, else to <c>nobody</c>;
/// everybody else runs it as themselves.
/// </summary>
internal sealed class ServerAccount
{
    private readonly string[] _prefix;

    private ServerAccount(string? user, string[] prefix)
    {
        User = user;
        _prefix = prefix;
    }

    /// <summary>Null when no other account is needed.</summary>
    public string? User { get; }

    public static async Task<ServerAccount> ChooseAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null, []);
        }

        foreach (var user in (string[])["postgres", "nobody"])
        {
            var uid = await ToolProcess.RunAsync(["/usr/bin/env", "id", "-u", user], cancellationToken);
            var gid = await ToolProcess.RunAsync(["/usr/bin/env", "id", "-g", user], cancellationToken);
            if (!uid.Succeeded || !gid.Succeeded)
            {
                continue;
            }

            if (ToolProcess.Find("setpriv") is { } setpriv)
            {
                return new ServerAccount(
                    user,
                    [setpriv, "--reuid", Number(uid), "--regid", Number(gid), "--clear-groups", "--no-new-privs", "--"]);
            }

            if (ToolProcess.Find("runuser") is { } runuser)
            {
                return new ServerAccount(user, [runuser, "-u", user, "--"]);
            }
        }

        throw new LocalPostgresException(
            "PostgreSQL does not run as root, and no account (postgres, nobody) or tool (setpriv, runuser) was found to run it under. "
            + "Give a connection string, or run this under an ordinary account.");
    }

    /// <summary>The command that runs <paramref name="command"/> under this account.</summary>
    public IReadOnlyList<string> Run(params IEnumerable<string> command) => [.. _prefix, .. command];

    private static string Number(ToolResult id) =>
        int.Parse(id.Output, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
