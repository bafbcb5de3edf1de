using System.Globalization;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Cli.Audit;

/// <summary>Records what is read or taken out on the command line, like what is read over HTTP, and signs it with the key of the log if that is at hand.</summary>
internal static class CliReads
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Who asks, for the record.</summary>
    public static string Reader => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>
    /// Records a reading; does so before it is shown. Auditors may have a role, or a standby, that can only read: they are told that nothing was recorded, and
    /// see what they asked for all the same.
    /// </summary>
    /// <exception cref="AuditUnavailableException">It could be recorded and was not. Show nothing.</exception>
    public static async Task RecordAsync(AuditDatabase database, string query, long rows, TimeProvider time, TextWriter error, CancellationToken cancellationToken)
    {
        var read = HistoryReads.Of(Reader, query, (int)Math.Min(rows, int.MaxValue), time);
        if (!await TryRecordAsync(database, read, time, error, cancellationToken))
        {
            await error.WriteLineAsync("This reading is not recorded in the log: the database role, or the server, can only read.");
        }
    }

    /// <summary>Records what is about to happen.</summary>
    /// <returns>False, with nothing recorded, when the role or the server can only read.</returns>
    /// <exception cref="AuditUnavailableException">It could be recorded and was not. Show nothing.</exception>
    public static async Task<bool> TryRecordAsync(AuditDatabase database, AuditEvent entry, TimeProvider time, TextWriter error, CancellationToken cancellationToken)
    {
        var options = await OptionsAsync(database, Patience, error, cancellationToken);
        return await HistoryReads.TryRecordAsync(options, entry, time, cancellationToken);
    }

    /// <summary>Of a log that this process opens to record what it does.</summary>
    /// <param name="patience">How long one record may take.</param>
    public static async Task<AuditLogOptions> OptionsAsync(AuditDatabase database, TimeSpan patience, TextWriter error, CancellationToken cancellationToken)
    {
        var keys = CheckpointKeys.Of(database.IsPrivate);
        return new AuditLogOptions
        {
            ConnectionString = database.ConnectionString,

            // One shard per process: two commands at once, or a command and the gateway, would fence one another.
            Shard = string.Create(CultureInfo.InvariantCulture, $"cli-{Environment.MachineName}-{Environment.ProcessId}"),
            CreatesSchema = false,
            Deadline = patience,
            Signer = await SignerAsync(keys, error, cancellationToken),
            CheckpointFolder = keys.Folder,
        };
    }

    private static async Task<CheckpointSigner?> SignerAsync(CheckpointKeys keys, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            return await keys.ReadSignerAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is SecretUnavailableException or FormatException)
        {
            await error.WriteLineAsync($"{failure.Message} The record of this command has no checkpoint.");
            return null;
        }
    }
}
