using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Recomputes one log page by page.</summary>
/// <param name="tree">The tree over what comes before the first page.</param>
/// <param name="isRetired">Whether no page will come, since the entries are in an archive.</param>
/// <param name="rule">Which entries need no signed checkpoint; null for all.</param>
internal sealed class OneLogCheck(string shard, long epoch, MerkleStack tree, CheckpointsOfLog checkpoints, bool isRetired = false, CoverageRule? rule = null)
{
    private readonly long _first = tree.Size;
    private (long Index, Guid Id)? _uncovered;

    /// <summary>The tree over everything up to here, as the recorded leaf hashes have it.</summary>
    public MerkleStack Tree => tree;

    /// <summary>The first thing that is wrong; nothing is looked at behind it.</summary>
    public LogFault? Fault { get; private set; }

    public VerifiedLog Result =>
        new(shard, epoch, _first, tree.Size - _first, checkpoints.Agreed?.Size, checkpoints.Agreed?.At, isRetired);

    public void Start()
    {
        checkpoints.SkipBelow(_first);
        Compare();
    }

    public void Add(LogPage page)
    {
        if (Fault is not null)
        {
            return;
        }

        if (page.First != tree.Size)
        {
            Fault = new LogFault(shard, epoch, Math.Min(page.First, tree.Size), null, $"The record of the commits has index {page.First} where {tree.Size} must follow: a commit is missing or there twice.");
            return;
        }

        var difference = PageCheck.FirstDifference(page);
        for (var rest = page.LeafHashes.AsMemory(); rest.Length > 0 && Fault is null && tree.Size < (difference?.Index ?? long.MaxValue); rest = rest[TreeHash.Size..])
        {
            tree.Append(rest.Span[..TreeHash.Size]);
            Compare();
        }

        if (Fault is null && difference is { } found)
        {
            Fault = new LogFault(shard, epoch, found.Index, found.EventId, found.What);
        }

        if (Fault is null && rule is not null && _uncovered is null && tree.Size > checkpoints.Most)
        {
            _uncovered = FirstUncovered(page, rule);
        }
    }

    /// <summary>Nothing comes any more: what follows from the end alone.</summary>
    /// <param name="root">What the root must be; null when nobody says.</param>
    public void Finish(long size, ReadOnlyMemory<byte>? root)
    {
        if (Fault is not null)
        {
            return;
        }

        if (tree.Size != size)
        {
            Fault = new LogFault(shard, epoch, Math.Min(size, tree.Size), null, $"The head says {size} entries, and the record of the commits has {tree.Size}.");
        }
        else if (root is { } expected && !tree.Root().AsSpan().SequenceEqual(expected.Span))
        {
            Fault = new LogFault(shard, epoch, null, null, "The root of the head is not the root over the entries.");
        }
        else if (checkpoints.End(size) is { } wrong)
        {
            Fault = new LogFault(shard, epoch, wrong.Index, null, wrong.What);
        }
        else if (_uncovered is { } uncovered)
        {
            Fault = new LogFault(shard, epoch, uncovered.Index, uncovered.Id, "No signed checkpoint covers this entry and those behind it: nothing shows that they were recorded.");
        }
    }

    /// <summary>Notes what somebody else found, unless something was found before.</summary>
    public void Blame(long? index, Guid? eventId, string what) => Fault ??= new LogFault(shard, epoch, index, eventId, what);

    private (long Index, Guid Id)? FirstUncovered(LogPage page, CoverageRule rule)
    {
        foreach (var entry in page.Entries.Where(entry => entry.Index >= checkpoints.Most))
        {
            if (EventFacts.TryRead(entry.Bytes) is { } facts && !rule.Allows(facts, checkpoints.Agreed))
            {
                return (entry.Index, facts.Id);
            }
        }

        return null;
    }

    private void Compare()
    {
        if (checkpoints.NextSize == tree.Size && checkpoints.Compare(tree.Size, tree.Root()) is { } wrong)
        {
            Fault = new LogFault(shard, epoch, wrong.Index, null, wrong.What);
        }
    }
}
