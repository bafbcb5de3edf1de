using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Reading;

/// <summary>Whoever reads history is recorded before they see anything.</summary>
public static class HistoryReads
{
    /// <summary>The event for one reading.</summary>
    /// <param name="reader">Who reads.</param>
    /// <param name="query">What they asked for.</param>
    /// <param name="rows">How many requests or events they get.</param>
    public static HistoryRead Of(string reader, string query, int rows, TimeProvider time) =>
        new() { Id = Guid.CreateVersion7(time.GetUtcNow()), At = time.GetUtcNow(), Reader = reader, Query = query, Rows = rows };

    /// <summary>Records a reading, or an export, by a process that has no log open. Durable when this returns true.</summary>
    /// <param name="options">With a shard that no other process writes.</param>
    /// <returns>False, with nothing recorded, when the role or the server can only read.</returns>
    /// <exception cref="AuditUnavailableException">It could be recorded and was not. Show nothing.</exception>
    public static async Task<bool> TryRecordAsync(
        AuditLogOptions options, AuditEvent entry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await CanWriteAsync(options.ConnectionString, cancellationToken))
        {
            return false;
        }

        await using var log = await AuditLog.OpenAsync(options, time, NullLoggerFactory.Instance, cancellationToken);
        _ = await log.AppendAsync(entry, cancellationToken);
        return true;
    }

    private static async Task<bool> CanWriteAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString));
            await using var command = database.CreateCommand(
                """
                SELECT current_setting('transaction_read_only') = 'off'
                   AND has_table_privilege('audit.tlog_head', 'INSERT') AND has_table_privilege('audit.mt_events', 'INSERT')
                """);
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be asked whether it takes records.", exception);
        }
    }
}
