namespace PolicyRouter.Audit.Sealing;

/// <summary>Of many root checkpoints those that say the most: for each number of logs the last one with each root, for each log the one with the largest size.</summary>
public sealed class KeptRoots
{
    // With the root: a note that nobody signed, and has another one, must not take the place of a signed one.
    private readonly SortedDictionary<(long Size, string Root), RootCheckpoint> _bySize = [];
    private readonly Dictionary<(string Shard, long Epoch), SignedCheckpoint> _covered = [];

    /// <summary>By number of logs.</summary>
    public IReadOnlyCollection<RootCheckpoint> Newest => _bySize.Values;

    /// <summary>What they say about single logs.</summary>
    public IReadOnlyCollection<SignedCheckpoint> Covered => _covered.Values;

    public void Add(RootCheckpoint root)
    {
        ArgumentNullException.ThrowIfNull(root);
        _bySize[(root.Size, Convert.ToHexString(root.Root.Span))] = root;
        foreach (var log in root.Logs)
        {
            if (!_covered.TryGetValue((log.Shard, log.Epoch), out var known) || known.Size <= log.Size)
            {
                _covered[(log.Shard, log.Epoch)] = log;
            }
        }
    }

    public void Add(KeptRoots others)
    {
        ArgumentNullException.ThrowIfNull(others);
        foreach (var root in others.Newest)
        {
            Add(root);
        }

        foreach (var log in others.Covered.Where(log => !_covered.TryGetValue((log.Shard, log.Epoch), out var known) || known.Size <= log.Size))
        {
            _covered[(log.Shard, log.Epoch)] = log;
        }
    }
}
