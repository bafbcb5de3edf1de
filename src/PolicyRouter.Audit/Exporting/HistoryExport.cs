using Npgsql;
using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Audit.Exporting;

/// <summary>Takes history out of a database. Record <see cref="Events.HistoryExported"/> before.</summary>
public static class HistoryExport
{
    /// <param name="from">Events at or after this time by their own clocks; null from the beginning.</param>
    /// <param name="to">Events before this time. Within each log everything between the first and the last of them goes with them.</param>
    /// <param name="progress">Told how many events of how many are written.</param>
    /// <exception cref="AuditUnavailableException">The database cannot be read or holds no log. Something may have been written.</exception>
    public static async Task WriteAsync(
        string connectionString, ExportFormat format, DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now, Stream output,
        Action<long, long>? progress, CancellationToken cancellationToken)
    {
        IExportWriter writer = format switch
        {
            ExportFormat.Ndjson => new NdjsonExport(),
            ExportFormat.Csv => new CsvExport(),
            _ => new ParquetExport(),
        };
        try
        {
            await using var history = await HistorySnapshot.OpenAsync(connectionString, from, to, now, progress, cancellationToken);
            await writer.WriteAsync(history, output, cancellationToken);
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new AuditUnavailableException("This database holds no audit log.", exception);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The audit database cannot be read.", exception);
        }
        catch (FormatException exception)
        {
            throw new AuditUnavailableException("The audit log is damaged; `audit verify` says where.", exception);
        }
    }
}
