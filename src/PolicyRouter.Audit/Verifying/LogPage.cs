namespace PolicyRouter.Audit.Verifying;

/// <summary>An entry as it was found.</summary>
/// <param name="Index">Where it claims to stand.</param>
/// <param name="Label">The event's id as it stands beside its bytes, for bytes that do not say it any more.</param>
/// <param name="Fault">What is wrong with what stands beside its bytes; null when nothing is.</param>
internal sealed record FoundEntry(long Index, byte[] Bytes, Guid? Label, string? Fault)
{
    public Guid? Id => EventFacts.TryRead(Bytes)?.Id ?? Label;
}

/// <summary>Some entries of a log beside the leaf hashes that were recorded with them.</summary>
/// <param name="LeafHashes">One after the other, from the first index on.</param>
internal sealed record LogPage(long First, byte[] LeafHashes, IReadOnlyList<FoundEntry> Entries);
