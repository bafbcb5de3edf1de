using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>The tree over all logs as the database has them now, compared with kept root checkpoints.</summary>
internal sealed class RootTree(IReadOnlyList<StoredHead> heads)
{
    private readonly List<StoredHead> _inOrder = [.. heads.OrderBy(static head => head.Number)];
    private readonly Dictionary<(string Shard, long Epoch), StoredHead> _byName = heads.ToDictionary(static head => (head.Shard, head.Epoch));

    /// <param name="roots">By size.</param>
    public IEnumerable<LogFault> FaultsOf(IEnumerable<RootCheckpoint> roots, IReadOnlyList<CheckpointKey> keys)
    {
        MerkleStack tree = new();
        foreach (var root in roots)
        {
            while (tree.Size < root.Size && tree.Size < _inOrder.Count)
            {
                tree.Append(Leaf(_inOrder[(int)tree.Size]));
            }

            var isShort = tree.Size < root.Size;
            if (!isShort && tree.Root().AsSpan().SequenceEqual(root.Root.Span))
            {
                continue;
            }

            // One is enough: those behind it differ as well.
            yield return new LogFault(null, null, null, null, !root.IsSignedBy(keys)
                ? $"A root checkpoint over {root.Size} logs differs from the database, and none of the given keys has signed it."
                : isShort
                    ? $"The database has {_inOrder.Count} logs, and a signed root checkpoint covers {root.Size}: a whole log was removed, or an older backup was restored."
                    : $"The first {root.Size} logs are not those that a signed root checkpoint covers: a whole log was removed, exchanged, or cut after it had ended.");
            yield break;
        }
    }

    private byte[] Leaf(StoredHead head) => _byName.TryGetValue((head.Shard, head.Epoch - 1), out var before)
        ? RootLeaf.Hash(head.Shard, head.Epoch, before.Size, before.Root)
        : RootLeaf.Hash(head.Shard, head.Epoch, 0, TreeHash.OfNothing);
}
