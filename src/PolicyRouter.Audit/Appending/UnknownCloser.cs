using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>
/// Closes the requests of a shard that were permitted and never reported an end: a crash lost it. They read <c>unknown</c>, which
/// means "may have been sent".
/// </summary>
internal static class UnknownCloser
{
    public const string Unknown = "unknown";

    public static async Task<(ShardHead Head, int Closed)> CloseAsync(
        WriterConnection connection, ShardHead head, int maxBatch, TimeProvider time, CancellationToken cancellationToken)
    {
        var open = await OpenRequestsAsync(connection.Connection, head.Shard, cancellationToken);
        foreach (var batch in open.Chunk(maxBatch))
        {
            var now = time.GetUtcNow();
            PreparedEvent[] ends =
            [
                .. batch.Select(request => PreparedEvent.From(new RequestCompleted
                {
                    Id = Guid.CreateVersion7(now),
                    At = now,
                    RequestId = request.Id,
                    Outcome = Unknown,
                    Deployment = null,
                    Attempts = request.Attempts,
                    Failures = [],
                    HttpStatus = null,
                    InputTokens = null,
                    OutputTokens = null,

                    // How long it really took is lost with the rest.
                    DurationMs = 0,
                    FirstByteMs = null,
                    ResponseModel = null,
                })),
            ];
            var step = head.Advance(ends);
            await connection.CommitAsync(step, ends);
            head = step.To;
        }

        return (head, open.Count);
    }

    private static async Task<List<(Guid Id, int Attempts)>> OpenRequestsAsync(
        NpgsqlConnection connection, string shard, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "SELECT r.id, r.attempts FROM audit.open_request o JOIN audit.audit_request r ON r.id = o.id WHERE o.shard = $1 ORDER BY r.at, r.id",
            connection);
        command.Parameters.AddWithValue(shard);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid Id, int Attempts)> open = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            open.Add((rows.GetGuid(0), rows.GetInt32(1)));
        }

        return open;
    }
}
