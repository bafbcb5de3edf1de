namespace PolicyRouter.Audit.Sealing;

/// <summary>Checks proofs by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2, whose proofs are those of RFC 6962.</summary>
internal static class MerkleProof
{
    /// <summary>True when the leaf stands at this index of the tree with this size and root.</summary>
    public static bool IsIncluded(ReadOnlySpan<byte> leafHash, long index, long size, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || !AreHashes(proof))
        {
            return false;
        }

        var (node, last) = (index, size - 1);
        var hash = leafHash.ToArray();
        foreach (var beside in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                TreeHash.Node(beside, hash, hash);
                SkipMissingRightEdges(ref node, ref last);
            }
            else
            {
                TreeHash.Node(hash, beside, hash);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>True when the second tree begins with the leaves of the first.</summary>
    public static bool IsConsistent(
        long first, long second, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> firstRoot, ReadOnlySpan<byte> secondRoot)
    {
        if (first < 0 || first > second || !AreHashes(proof))
        {
            return false;
        }

        if (first == 0 || first == second)
        {
            return proof.Count == 0 && (first == 0 ? firstRoot.SequenceEqual(TreeHash.OfNothing) : firstRoot.SequenceEqual(secondRoot));
        }

        // A smaller tree that is a full subtree begins the proof itself.
        List<byte[]> path = (first & (first - 1)) == 0 ? [firstRoot.ToArray(), .. proof] : [.. proof];
        if (path.Count == 0)
        {
            return false;
        }

        var (node, last) = (first - 1, second - 1);
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        var (before, after) = (path[0].ToArray(), path[0].ToArray());
        foreach (var beside in path.Skip(1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                TreeHash.Node(beside, before, before);
                TreeHash.Node(beside, after, after);
                SkipMissingRightEdges(ref node, ref last);
            }
            else
            {
                TreeHash.Node(after, beside, after);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && firstRoot.SequenceEqual(before) && secondRoot.SequenceEqual(after);
    }

    private static void SkipMissingRightEdges(ref long node, ref long last)
    {
        while ((node & 1) == 0 && node != 0)
        {
            node >>= 1;
            last >>= 1;
        }
    }

    private static bool AreHashes(IReadOnlyList<byte[]> proof) => proof.All(static hash => hash.Length == TreeHash.Size);
}
