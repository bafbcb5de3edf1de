using Npgsql;
using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Audit.Storage;

/// <summary>Refuses a database that would lose commits it has acknowledged, or whose clock contradicts ours.</summary>
internal static class DurabilityCheck
{
    /// <exception cref="AuditUnavailableException">It is such a database; the message says what to mend.</exception>
    public static async Task RequireAsync(NpgsqlConnection connection, ClockCheck clock, CancellationToken cancellationToken)
    {
        var asked = clock.Now;
        await using NpgsqlCommand command = new(
            """
            SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                   current_setting('TimeZone'), pg_is_in_recovery(), clock_timestamp()
            """,
            connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var faults = Faults(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)).ToList();
        if (faults.Count > 0)
        {
            throw new AuditUnavailableException($"This PostgreSQL cannot hold the audit log: {string.Join("; ", faults)}.");
        }

        clock.Require(asked, new DateTimeOffset(row.GetDateTime(5)));
    }

    /// <summary>The values of <c>synchronous_commit</c> whose commits survive a crash.</summary>
    public static readonly string[] DurableCommits = ["on", "remote_apply"];

    private static IEnumerable<string> Faults(string fsync, string fullPageWrites, string synchronousCommit, string timeZone, bool standby)
    {
        if (fsync != "on")
        {
            yield return $"fsync is {fsync} and must be on, or a power cut loses or corrupts the log";
        }

        if (fullPageWrites != "on")
        {
            yield return $"full_page_writes is {fullPageWrites} and must be on, or a power cut corrupts the log";
        }

        if (!DurableCommits.Contains(synchronousCommit, StringComparer.Ordinal))
        {
            yield return $"synchronous_commit is {synchronousCommit} and must be on or remote_apply, or a crash loses acknowledged records";
        }

        if (timeZone is not ("UTC" or "Etc/UTC"))
        {
            yield return $"the session's TimeZone is {timeZone} and must be UTC (a pooler between us and the server may have dropped it)";
        }

        if (standby)
        {
            yield return "it is a standby and takes no writes";
        }
    }
}
