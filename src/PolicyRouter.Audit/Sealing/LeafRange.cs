using System.Numerics;

namespace PolicyRouter.Audit.Sealing;

/// <summary>The leaves of one subtree, from the first, up to and without the end.</summary>
internal readonly record struct LeafRange(long First, long End)
{
    /// <summary>The subtrees beside the path from a leaf to the root, from the leaf upwards (RFC 6962, section 2.1.1).</summary>
    public static IReadOnlyList<LeafRange> OfInclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        List<LeafRange> beside = [];
        LeafRange tree = new(0, size);
        while (tree.End - tree.First > 1)
        {
            var middle = tree.First + LargestPowerBelow(tree.End - tree.First);
            beside.Add(index < middle ? tree with { First = middle } : tree with { End = middle });
            tree = index < middle ? tree with { End = middle } : tree with { First = middle };
        }

        beside.Reverse();
        return beside;
    }

    /// <summary>The subtrees that show that a tree begins with a smaller one (RFC 6962, section 2.1.2).</summary>
    public static IReadOnlyList<LeafRange> OfConsistency(long first, long second)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        if (first == 0 || first == second)
        {
            return [];
        }

        List<LeafRange> subtrees = [];
        LeafRange tree = new(0, second);
        while (tree.End != first)
        {
            var middle = tree.First + LargestPowerBelow(tree.End - tree.First);
            subtrees.Add(first <= middle ? tree with { First = middle } : tree with { End = middle });
            tree = first <= middle ? tree with { End = middle } : tree with { First = middle };
        }

        // The smaller tree as a whole is known to whoever checks; a part of it is not.
        if (tree.First > 0)
        {
            subtrees.Add(tree);
        }

        subtrees.Reverse();
        return subtrees;
    }

    private static long LargestPowerBelow(long size) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(size - 1)));
}
