namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Hashes of subtrees from the leaf hashes of a log, which pass by once in their order: a proof over millions of leaves takes no memory.
/// </summary>
internal sealed class SubtreeHashes
{
    private readonly IReadOnlyList<LeafRange> _wanted;
    private readonly List<(LeafRange Range, MerkleStack Stack)> _inOrder;
    private int _current;

    /// <param name="wanted">Ranges that do not overlap, in the order in which their hashes are asked for.</param>
    public SubtreeHashes(IReadOnlyList<LeafRange> wanted)
    {
        _wanted = wanted;
        _inOrder = [.. wanted.OrderBy(static range => range.First).Select(static range => (range, new MerkleStack()))];
    }

    /// <summary>The leaves that matter lie before this index.</summary>
    public long End => _inOrder.Count == 0 ? 0 : _inOrder[^1].Range.End;

    public void Add(long index, ReadOnlySpan<byte> leafHash)
    {
        while (_current < _inOrder.Count && _inOrder[_current].Range.End <= index)
        {
            _current++;
        }

        if (_current < _inOrder.Count && _inOrder[_current].Range.First <= index)
        {
            _inOrder[_current].Stack.Append(leafHash);
        }
    }

    /// <summary>The hashes, in the order of the question.</summary>
    /// <exception cref="FormatException">Not all leaves have passed by.</exception>
    public byte[][] Finish()
    {
        Dictionary<LeafRange, byte[]> hashes = new(_inOrder.Count);
        foreach (var (range, stack) in _inOrder)
        {
            hashes[range] = stack.Size == range.End - range.First ? stack.Root() : throw new FormatException("Leaf hashes are missing.");
        }

        return [.. _wanted.Select(range => hashes[range])];
    }
}
