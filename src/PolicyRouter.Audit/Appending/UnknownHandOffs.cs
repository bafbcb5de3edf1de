using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>
/// Closes the hand-offs of a shard that were authorised and never reported an end: their text was in the memory of a process that died, and is nowhere else. They read
/// <c>unknown</c>, which means "may have arrived"; the request's id finds the caller.
/// </summary>
internal static class UnknownHandOffs
{
    public static async Task<ShardHead> CloseAsync(WriterConnection connection, ShardHead head, int maxBatch, TimeProvider time, CancellationToken cancellationToken)
    {
        var open = await HandOffs.OpenAsync(connection.Connection, head.Shard, cancellationToken);
        foreach (var batch in open.Chunk(maxBatch))
        {
            var now = time.GetUtcNow();
            PreparedEvent[] ends =
            [
                .. batch.Select(handOff => PreparedEvent.From(new HandOffDeadLettered
                {
                    Id = Guid.CreateVersion7(now), At = now, RequestId = handOff.Request, HandOff = handOff.Id, Posts = 1, Failure = UnknownCloser.Unknown,
                })),
            ];
            var step = head.Advance(ends);
            await connection.CommitAsync(step, ends);
            head = step.To;
        }

        return head;
    }
}
