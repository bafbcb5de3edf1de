using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>The checkpoints that are known of one log, compared with its tree while that grows.</summary>
internal sealed class CheckpointsOfLog
{
    private readonly List<SignedCheckpoint> _bySize;
    private readonly IReadOnlyList<CheckpointKey> _keys;
    private int _next;

    public CheckpointsOfLog(IEnumerable<SignedCheckpoint> checkpoints, IReadOnlyList<CheckpointKey> keys)
    {
        _bySize = [.. checkpoints.OrderBy(static checkpoint => checkpoint.Size).ThenBy(static checkpoint => checkpoint.At)];
        _keys = keys;
    }

    public int Count => _bySize.Count;

    /// <summary>Entries that the largest covers.</summary>
    public long Most => _bySize.Count == 0 ? 0 : _bySize[^1].Size;

    /// <summary>The newest that the tree agrees with.</summary>
    public SignedCheckpoint? Agreed { get; private set; }

    /// <summary>Sizes below this one are not compared: an export of a part has no tree of that size.</summary>
    public void SkipBelow(long size)
    {
        while (_next < _bySize.Count && _bySize[_next].Size < size)
        {
            _next++;
        }
    }

    /// <summary>The size at which the tree must be shown next; none when there are no further checkpoints.</summary>
    public long? NextSize => _next < _bySize.Count ? _bySize[_next].Size : null;

    /// <summary>Compares those of this size.</summary>
    /// <returns>What is wrong, and from which index on the log may be another one.</returns>
    public (long? Index, string What)? Compare(long size, ReadOnlySpan<byte> root)
    {
        for (; NextSize == size; _next++)
        {
            var checkpoint = _bySize[_next];
            if (root.SequenceEqual(checkpoint.Root.Span))
            {
                Agreed = checkpoint;
            }
            else
            {
                return checkpoint.IsSignedBy(_keys)
                    ? (Agreed?.Size ?? 0, $"The first {size} entries are not those that a signed checkpoint covers{Since()}: an entry was changed together with everything that the database says about it.")
                    : (null, $"A checkpoint of size {size} differs from the log, and none of the given keys has signed it.");
            }
        }

        return null;
    }

    /// <summary>Notes a checkpoint that a proof has shown to agree.</summary>
    public void Agree(SignedCheckpoint checkpoint) => Agreed = checkpoint;

    /// <summary>What is wrong when the log ends here.</summary>
    public (long? Index, string What)? End(long size)
    {
        if (_next < _bySize.Count)
        {
            var most = _bySize[^1];
            return most.IsSignedBy(_keys)
                ? (size, $"The log ends with {size} entries, and a signed checkpoint covers {most.Size}: its tail was cut, or an older backup was restored.")
                : (null, $"A checkpoint of size {most.Size} is larger than the log, and none of the given keys has signed it.");
        }

        return Agreed is { } newest && !newest.IsSignedBy(_keys)
            ? (null, $"None of the given keys has signed the newest checkpoint, of size {newest.Size}.")
            : null;
    }

    private string Since() => Agreed is { } agreed ? $" (the first {agreed.Size} are)" : "";
}
