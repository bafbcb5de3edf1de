using Npgsql;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Projecting;

/// <summary>How far a projection is behind the log.</summary>
/// <param name="Projection">One of <see cref="ProjectionNames.All"/>.</param>
/// <param name="Behind">Recorded events that it has yet to count; <see cref="MostCounted"/> stands for so many or more.</param>
/// <param name="AsOf">
/// What was stored before this time, by the database's clock, is counted: when the first uncounted event was stored, or now. What was under way at that moment may still be stored with a time
/// that is earlier by as long as its commit takes.
/// </param>
public sealed record ProjectionStanding(string Projection, long Behind, DateTimeOffset AsOf)
{
    /// <summary>Counting stops here: a projection that has much to catch up with costs a question no more than this.</summary>
    public const long MostCounted = 100_000;

    internal static string ProgressName(string projection) => projection + ":All";

    /// <param name="transaction">The one that the sums are read in, so that both are of one moment.</param>
    internal static async Task<ProjectionStanding> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, string projection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT count(*), min(timestamp), now() FROM (
                SELECT timestamp FROM audit.mt_events
                WHERE seq_id > coalesce((SELECT last_seq_id FROM audit.mt_event_progression WHERE name = $1), 0) AND type = ANY ($2)
                ORDER BY seq_id LIMIT $3) AS behind
            """,
            connection,
            transaction);
        command.Parameters.AddWithValue(ProgressName(projection));
        command.Parameters.AddWithValue(TypesOf(projection));
        command.Parameters.AddWithValue(MostCounted);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new ProjectionStanding(projection, row.GetInt64(0), new DateTimeOffset(row.GetDateTime(row.IsDBNull(1) ? 2 : 1), TimeSpan.Zero));
    }

    /// <summary>Whether an epoch is in the sums: its own events are counted, and so is what later epochs say about its requests, which cannot be counted without them.</summary>
    /// <param name="stream">Of the epoch.</param>
    internal static async Task<bool> HasCountedAsync(NpgsqlConnection connection, string projection, Guid stream, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            $"""
            SELECT NOT EXISTS (
                SELECT FROM audit.mt_events e
                WHERE e.seq_id > coalesce((SELECT last_seq_id FROM audit.mt_event_progression WHERE name = $1), 0) AND e.type = ANY ($2)
                  AND (e.stream_id = $3 OR (e.type <> '{EventTypes.RequestDecided}' AND EXISTS (
                      SELECT FROM audit.mt_events d WHERE d.stream_id = $3 AND d.id = trim('"' FROM (convert_from(e.bdata, 'UTF8')::json -> 'requestId')::text)::uuid))))
            """,
            connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue(ProgressName(projection));
        command.Parameters.AddWithValue(TypesOf(projection));
        command.Parameters.AddWithValue(stream);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string[] TypesOf(string projection) =>
        projection == ProjectionNames.Usage ? [EventTypes.RequestCompleted] : [EventTypes.RequestDecided, EventTypes.AttemptAuthorized];
}
