using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Retention;

/// <summary>The legal holds of a database.</summary>
public static class LegalHoldList
{
    /// <summary>Those in force, by name.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read or holds no log.</exception>
    public static async Task<IReadOnlyList<LegalHold>> ReadAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = new(AuditConnectionString.ForOnce(connectionString));
            await connection.OpenAsync(cancellationToken);
            return await ReadAsync(connection, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The legal holds cannot be read: this database holds no audit log, or cannot be reached.", exception);
        }
    }

    internal static async Task<IReadOnlyList<LegalHold>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("SELECT name, at, begins, ends, apps, reason, by, event FROM audit.legal_hold ORDER BY name", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<LegalHold> holds = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            holds.Add(new LegalHold(
                rows.GetString(0), Time(rows.GetDateTime(1)), rows.IsDBNull(2) ? null : Time(rows.GetDateTime(2)), rows.IsDBNull(3) ? null : Time(rows.GetDateTime(3)),
                rows.GetFieldValue<string[]>(4), rows.GetString(5), rows.GetString(6), rows.GetGuid(7)));
        }

        return holds;
    }

    private static DateTimeOffset Time(DateTime utc) => new(utc, TimeSpan.Zero);
}
