using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>The tree over all logs as the database has them now, compared with kept root checkpoints.</summary>
internal sealed class RootTree(IReadOnlyList<StoredHead> heads)
{
    private readonly List<StoredHead> _inOrder = [.. heads.OrderBy(static head => head.Number)];
    private readonly Dictionary<(string Shard, long Epoch), StoredHead> _byName = heads.ToDictionary(static head => (head.Shard, head.Epoch));

    /// <summary>The first difference from a signed one, else the first from one that nobody signed: those behind it differ as well.</summary>
    /// <param name="roots">By size.</param>
    public LogFault? FaultOf(IEnumerable<RootCheckpoint> roots, IReadOnlyList<CheckpointKey> keys)
    {
        LogFault? unsigned = null;
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

            if (root.IsSignedBy(keys))
            {
                return new LogFault(null, null, null, null, isShort
                    ? $"The database has {_inOrder.Count} logs, and a signed root checkpoint covers {root.Size}: a whole log was removed, or an older backup was restored."
                    : $"The first {root.Size} logs are not those that a signed root checkpoint covers: a whole log was removed, exchanged, or cut after it had ended.");
            }

            unsigned ??= new LogFault(null, null, null, null, $"A root checkpoint over {root.Size} logs differs from the database, and none of the given keys has signed it.");
        }

        return unsigned;
    }

    private byte[] Leaf(StoredHead head) => _byName.TryGetValue((head.Shard, head.Epoch - 1), out var before)
        ? RootLeaf.Hash(head.Shard, head.Epoch, before.Size, before.Root)
        : RootLeaf.Hash(head.Shard, head.Epoch, 0, TreeHash.OfNothing);
}
