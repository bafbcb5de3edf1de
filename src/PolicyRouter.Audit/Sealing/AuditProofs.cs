using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Sealing;

/// <summary>Proof that one event is in the log that a signed checkpoint covers (RFC 6962).</summary>
/// <param name="LeafHash">SHA-256 of a zero byte and the event's bytes.</param>
/// <param name="Checkpoint">Covers the event; null when none does yet.</param>
/// <param name="Path">The hashes beside the path from the event to the checkpoint's root, from below; empty without a checkpoint.</param>
public sealed record EventProof(
    Guid EventId, string Type, string Shard, long Epoch, long Index, ReadOnlyMemory<byte> LeafHash, SignedCheckpoint? Checkpoint, IReadOnlyList<byte[]> Path)
{
    /// <summary>Checks the proof against its checkpoint by RFC 9162, section 2.1.3.2, and the checkpoint's signature.</summary>
    /// <param name="keys">The public keys that may have signed; empty when none is known.</param>
    public InclusionState Check(IReadOnlyCollection<CheckpointKey> keys) =>
        Checkpoint is not { } signed || Index >= signed.Size ? InclusionState.NotCovered
        : signed.Shard != Shard || signed.Epoch != Epoch || !MerkleProof.IsIncluded(LeafHash.Span, Index, signed.Size, Path, signed.Root.Span) ? InclusionState.PathLeadsElsewhere
        : keys.Count == 0 ? InclusionState.NoKey
        : signed.IsSignedBy(keys) ? InclusionState.Verified : InclusionState.SignatureDoesNotHold;
}

/// <summary>Makes proofs from what the database keeps. It needs no key: the checkpoints are signed already.</summary>
public sealed class AuditProofs : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly TileRoots _tiles = new();

    private AuditProofs(NpgsqlDataSource database) => _database = database;

    /// <summary>Names the database; nothing is contacted before the first question.</summary>
    public static AuditProofs Open(string connectionString) => new(AuditConnectionString.OpenPool(AuditConnectionString.ForReader(connectionString)));

    /// <summary>The newest checkpoint of every log, by shard and epoch.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be read.</exception>
    public Task<IReadOnlyList<SignedCheckpoint>> CheckpointsAsync(CancellationToken cancellationToken) => ReadingAsync<IReadOnlyList<SignedCheckpoint>>(async connection =>
        [.. (await CheckpointTable.ReadNotesAsync(connection, cancellationToken)).Select(SignedCheckpoint.Parse)], cancellationToken);

    /// <summary>
    /// A proof for every event of a request; empty when there is no such request. The first one of an epoch reads all of its leaf hashes, 32 bytes for each entry; later ones
    /// read about a thousand, and what was added since.
    /// </summary>
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

    public ValueTask DisposeAsync()
    {
        _tiles.Dispose();
        return _database.DisposeAsync();
    }

    private async Task<IEnumerable<EventProof>> ProveAsync(
        NpgsqlConnection connection, IReadOnlyList<EventProof> events, SignedCheckpoint? checkpoint, CancellationToken cancellationToken)
    {
        var covered = events.Where(proof => proof.Index < checkpoint?.Size).ToList();
        if (checkpoint is null || covered.Count == 0)
        {
            return events;
        }

        var (shard, epoch) = (events[0].Shard, events[0].Epoch);
        var paths = await _tiles.PathsAsync(connection, shard, epoch, [.. covered.Select(static proof => proof.Index)], checkpoint.Size, cancellationToken);
        EventProof[] proved = [.. covered.Zip(paths, (proof, path) => proof with { Checkpoint = checkpoint, Path = path })];
        if (proved.Any(static proof => proof.Check([]) is InclusionState.PathLeadsElsewhere))
        {
            // What was read may have been mended since.
            _tiles.Forget(shard, epoch);
        }

        return [.. proved, .. events.Where(proof => proof.Index >= checkpoint.Size)];
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
