using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.WebConsole.Integrity;

/// <summary>The newest checkpoint of one log, compared with the keys and with what is kept outside of the database. Cheap: no entry is read.</summary>
/// <param name="IsSigned">Signed by a key this console was given; null when it was given none.</param>
/// <param name="KeptSize">Entries that the newest checkpoint kept outside covers; null when none is at hand.</param>
/// <param name="Fault">What is wrong, in one sentence; null when nothing is.</param>
internal sealed record CheckpointStanding(SignedCheckpoint Checkpoint, bool? IsSigned, long? KeptSize, string? Fault)
{
    /// <exception cref="FormatException">A kept file holds something else.</exception>
    /// <exception cref="IOException">A kept file cannot be read.</exception>
    public static IReadOnlyList<CheckpointStanding> Of(IEnumerable<SignedCheckpoint> newest, ConsoleSettings settings)
    {
        var folder = settings.CheckpointFolder is { } named ? new CheckpointFolder(named) : null;
        Dictionary<string, IReadOnlyList<SignedCheckpoint>> kept = new(StringComparer.Ordinal);
        List<CheckpointStanding> standings = [];
        foreach (var checkpoint in newest)
        {
            if (!kept.TryGetValue(checkpoint.Shard, out var ofShard))
            {
                kept[checkpoint.Shard] = ofShard = folder?.NewestOf(checkpoint.Shard) ?? [];
            }

            var outside = ofShard.FirstOrDefault(other => other.Epoch == checkpoint.Epoch);
            bool? isSigned = settings.CheckpointKeys.Count == 0 ? null : checkpoint.IsSignedBy(settings.CheckpointKeys);
            standings.Add(new CheckpointStanding(checkpoint, isSigned, outside?.Size, FaultOf(checkpoint, isSigned, outside)));
        }

        return standings;
    }

    private static string? FaultOf(SignedCheckpoint checkpoint, bool? isSigned, SignedCheckpoint? kept) =>
        isSigned is false ? "It is not signed by a key this console was given."
        // The gateway keeps a note outside first, and may be between the two.
        : kept is { } outside && outside.Size == checkpoint.Size && !outside.Root.Span.SequenceEqual(checkpoint.Root.Span) ? "The one kept outside has another root: the log was rewritten."
        : null;
}
