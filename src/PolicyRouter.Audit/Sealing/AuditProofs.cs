using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Sealing;

/// <summary>Proof that one event is in the log that a signed checkpoint covers (RFC 6962).</summary>
/// <param name="LeafHash">SHA-256 of a zero byte and the event's bytes.</param>
/// <param name="Checkpoint">Covers the event; null when none does yet.</param>
/// <param name="Path">The hashes beside the path from the event to the checkpoint's root, from below; empty without a checkpoint.</param>
public sealed record EventProof(
    Guid EventId, string Type, string Shard, long Epoch, long Index, ReadOnlyMemory<byte> LeafHash, SignedCheckpoint? Checkpoint, IReadOnlyList<byte[]> Path);

/// <summary>Makes proofs from what the database keeps. It needs no key: the checkpoints are signed already.</summary>
public sealed class AuditProofs : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;

    private AuditProofs(NpgsqlDataSource database) => _database = database;

    /// <summary>Names the database; nothing is contacted before the first question.</summary>
    public static AuditProofs Open(string connectionString) => new(NpgsqlDataSource.Create(AuditConnectionString.ForReader(connectionString)));

    /// <summary>The newest checkpoint of every log, by shard and epoch.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read.</exception>
    public Task<IReadOnlyList<SignedCheckpoint>> CheckpointsAsync(CancellationToken cancellationToken) => ReadingAsync<IReadOnlyList<SignedCheckpoint>>(async connection =>
        [.. (await CheckpointTable.ReadNotesAsync(connection, cancellationToken)).Select(SignedCheckpoint.Parse)], cancellationToken);

    /// <summary>A proof for every event of a request; empty when there is no such request. Reads the leaf hashes of the whole epoch, 32 bytes for each entry.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read.</exception>
    public Task<IReadOnlyList<EventProof>> OfRequestAsync(Guid requestId, CancellationToken cancellationToken) => ReadingAsync<IReadOnlyList<EventProof>>(
        async connection =>
        {
            var events = await EventsAsync(connection, requestId, cancellationToken);
            var checkpoints = (await CheckpointTable.ReadNotesAsync(connection, cancellationToken)).Select(SignedCheckpoint.Parse)
                .ToDictionary(static checkpoint => (checkpoint.Shard, checkpoint.Epoch));
            List<EventProof> proofs = [];
            foreach (var log in events.GroupBy(static proof => (proof.Shard, proof.Epoch)))
            {
                proofs.AddRange(await ProveAsync(connection, [.. log], checkpoints.GetValueOrDefault(log.Key), cancellationToken));
            }

            return proofs;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<IEnumerable<EventProof>> ProveAsync(
        NpgsqlConnection connection, IReadOnlyList<EventProof> events, SignedCheckpoint? checkpoint, CancellationToken cancellationToken)
    {
        var covered = events.Where(proof => proof.Index < checkpoint?.Size).Select(proof => (Proof: proof, Hashes: new SubtreeHashes(LeafRange.OfInclusion(proof.Index, checkpoint!.Size)))).ToList();
        if (covered.Count > 0)
        {
            await foreach (var (index, hash) in LeafHashes.ReadAsync(connection, events[0].Shard, events[0].Epoch, checkpoint!.Size, cancellationToken))
            {
                foreach (var (_, hashes) in covered)
                {
                    hashes.Add(index, hash.Span);
                }
            }
        }

        return
        [
            .. covered.Select(pair => pair.Proof with { Checkpoint = checkpoint, Path = pair.Hashes.Finish() }),
            .. events.Where(proof => !(proof.Index < checkpoint?.Size)),
        ];
    }

    private static async Task<List<EventProof>> EventsAsync(NpgsqlConnection connection, Guid requestId, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT e.id, e.type, h.shard, h.epoch, e.version - 1, e.bdata
            FROM audit.audit_request r
            CROSS JOIN LATERAL unnest(r.event_ids) WITH ORDINALITY AS o(event_id, position)
            JOIN audit.mt_events e ON e.id = o.event_id
            JOIN audit.tlog_head h ON h.stream_id = e.stream_id
            WHERE r.id = $1
            ORDER BY o.position
            """,
            connection);
        command.Parameters.AddWithValue(requestId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<EventProof> events = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            var leaf = TreeHash.Leaf(rows.GetFieldValue<byte[]>(5));
            events.Add(new EventProof(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetInt64(3), rows.GetInt64(4), leaf, null, []));
        }

        return events;
    }

    private async Task<T> ReadingAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            return await read(connection);
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
