using Npgsql;
using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Audit.Storage;

/// <summary>Refuses a database that would lose commits it has acknowledged.</summary>
internal static class DurabilityCheck
{
    public static async Task RequireAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                   current_setting('TimeZone'), pg_is_in_recovery()
            """,
            connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var faults = Faults(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)).ToList();
        if (faults.Count > 0)
        {
            throw new AuditUnavailableException($"This PostgreSQL cannot hold the audit log: {string.Join("; ", faults)}.");
        }
    }

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

        if (synchronousCommit is not ("on" or "remote_apply"))
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
