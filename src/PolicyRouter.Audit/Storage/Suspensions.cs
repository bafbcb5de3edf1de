using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// Which deployments are suspended: written in the transaction of the events that say so, and read in that of every permit, so that no node gives one for a
/// deployment that another node has suspended before.
/// </summary>
internal static class Suspensions
{
    private const string Question = "SELECT deployment FROM audit.suspension";

    /// <summary>The same as one value, for a query that asks more.</summary>
    public const string AsArray = "ARRAY(SELECT deployment FROM audit.suspension)";

    public static void AddCommand(NpgsqlBatch batch, AuditEvent entry)
    {
        switch (entry)
        {
            case DeploymentSuspended suspended:
                Add(batch, "INSERT INTO audit.suspension (deployment, at) VALUES ($1, $2) ON CONFLICT (deployment) DO UPDATE SET at = excluded.at", suspended.Deployment, suspended.At);
                break;
            case DeploymentResumed resumed:
                Add(batch, "DELETE FROM audit.suspension WHERE deployment = $1", resumed.Deployment, null);
                break;
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, string deployment, DateTimeOffset? at)
    {
        NpgsqlBatchCommand command = new(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = RequestIndex.Clean(deployment), NpgsqlDbType = NpgsqlDbType.Text });
        if (at is { } time)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = time.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        }

        batch.BatchCommands.Add(command);
    }

    public static async Task<IReadOnlySet<string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(Question, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        HashSet<string> suspended = new(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellationToken))
        {
            suspended.Add(rows.GetString(0));
        }

        return suspended;
    }
}
