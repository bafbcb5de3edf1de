using System.Globalization;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;

namespace PolicyRouter.Cli.Audit;

/// <summary>Records what is read on the command line, like what is read over HTTP.</summary>
internal static class CliReads
{
    /// <summary>
    /// Records a reading; does so before it is shown. Auditors may have a role, or a standby, that can only read: they are told that nothing was recorded, and
    /// see what they asked for all the same.
    /// </summary>
    /// <exception cref="AuditUnavailableException">It could be recorded and was not. Show nothing.</exception>
    public static async Task RecordAsync(
        string connectionString, string query, long rows, TimeProvider time, TextWriter error, CancellationToken cancellationToken)
    {
        var read = HistoryReads.Of($"{Environment.UserName}@{Environment.MachineName}", query, (int)Math.Min(rows, int.MaxValue), time);

        // One shard per process: two commands at once would fence one another.
        var shard = string.Create(CultureInfo.InvariantCulture, $"reader {Environment.MachineName} {Environment.ProcessId}");
        if (!await HistoryReads.TryRecordAsync(connectionString, shard, read, time, cancellationToken))
        {
            await error.WriteLineAsync("This reading is not recorded in the log: the database role, or the server, can only read.");
        }
    }
}
