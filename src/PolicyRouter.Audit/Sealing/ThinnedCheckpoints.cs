namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Of the many checkpoints of a log some, spread evenly, and always the newest. The newest alone covers everything; those before it tell
/// between which two of them a log was changed.
/// </summary>
internal sealed class ThinnedCheckpoints(int most)
{
    private readonly List<SignedCheckpoint> _kept = [];
    private SignedCheckpoint? _newest;
    private long _seen;
    private long _stride = 1;

    /// <summary>In the order in which they came.</summary>
    public IEnumerable<SignedCheckpoint> All => _newest is null || _kept[^1] == _newest ? _kept : [.. _kept, _newest];

    public void Add(SignedCheckpoint checkpoint)
    {
        if (_newest is null || checkpoint.Size >= _newest.Size)
        {
            _newest = checkpoint;
        }

        if (_seen++ % _stride == 0)
        {
            _kept.Add(checkpoint);
        }

        if (_kept.Count > most)
        {
            var every = _kept.Where(static (_, position) => position % 2 == 0).ToList();
            _kept.Clear();
            _kept.AddRange(every);
            _stride *= 2;
        }
    }
}
