using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// Which approvals have been used, on every node and across restarts. A row is a lock and no record: who approved what stands in the events. It is
/// written before the decision that it serves, so that a crash between the two costs an approval and never lets one count twice.
/// </summary>
internal sealed class ApprovalUses(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = AuditConnectionString.OpenPool(connectionString);

    /// <returns>False, with none of them used, when one had been used before.</returns>
    public async Task<bool> TryUseAsync(IReadOnlyCollection<string> approvals, Guid request, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Ordered, so that two requests with the same approvals wait for one another instead of locking each other up.
        await using NpgsqlCommand command = new(
            "INSERT INTO audit.approval_use (approval, request, at) SELECT a, $2, $3 FROM unnest($1) AS a ORDER BY a ON CONFLICT DO NOTHING", connection, transaction);
        command.Parameters.AddWithValue(approvals.Distinct(StringComparer.Ordinal).ToArray());
        command.Parameters.AddWithValue(request);
        command.Parameters.AddWithValue(at.UtcDateTime);
        if (await command.ExecuteNonQueryAsync(cancellationToken) != approvals.Distinct(StringComparer.Ordinal).Count())
        {
            await transaction.RollbackAsync(cancellationToken);
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
