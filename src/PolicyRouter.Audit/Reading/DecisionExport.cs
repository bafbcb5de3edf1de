using System.Runtime.CompilerServices;
using Npgsql;

namespace PolicyRouter.Audit.Reading;

/// <summary>
/// Everything that meets a query, as the database is at one moment: counted first, then read row by row in constant memory, newest first. It holds a
/// connection until it is disposed of.
/// </summary>
public sealed class DecisionExport : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _moment;
    private readonly HistoryQuery _query;

    private DecisionExport(NpgsqlConnection connection, NpgsqlTransaction moment, HistoryQuery query, long rows, IReadOnlyList<LogSize> heads)
    {
        _connection = connection;
        _moment = moment;
        _query = query;
        Rows = rows;
        Heads = heads;
    }

    /// <summary>How many rows <see cref="RowsAsync"/> gives.</summary>
    public long Rows { get; }

    /// <summary>How long the log is at this moment: what is added later is not in the export.</summary>
    public IReadOnlyList<LogSize> Heads { get; }

    internal static async Task<DecisionExport> OpenAsync(NpgsqlDataSource database, HistoryQuery query, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var moment = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
            var heads = await LogSize.ReadHeadsAsync(connection, moment, cancellationToken);
            await using var count = new HistoryFilter(query).Command(connection, moment, "SELECT count(*)", "");
            count.CommandTimeout = 0;
            return new DecisionExport(connection, moment, query, (long)(await count.ExecuteScalarAsync(cancellationToken))!, heads);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="Appending.AuditUnavailableException">The database went away meanwhile: the export is not complete.</exception>
    public async IAsyncEnumerable<DecisionSummary> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new HistoryFilter(_query).Command(_connection, _moment, SummaryRow.Select, "ORDER BY at DESC, id DESC");
        command.CommandTimeout = 0;
        await using var rows = await AuditHistory.ReadingAsync(() => command.ExecuteReaderAsync(cancellationToken));
        while (await AuditHistory.ReadingAsync(() => rows.ReadAsync(cancellationToken)))
        {
            yield return SummaryRow.Read(rows);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _moment.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
