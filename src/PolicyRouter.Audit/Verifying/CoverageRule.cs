using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Which entries may have no signed checkpoint. Whoever forges a whole log without a key makes one that none covers.</summary>
/// <param name="YoungSince">Entries from then on may still get one; null when nothing comes any more.</param>
internal sealed record CoverageRule(DateTimeOffset? YoungSince)
{
    /// <summary>A process publishes within a second, and when it is killed leaves no more than it wrote since.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Whoever reads on the command line without the signing key records that, and nothing else.</summary>
    public bool Allows(EventFacts entry, SignedCheckpoint? newest) =>
        entry.At >= YoungSince || entry.At <= newest?.At + Grace || entry.Type is EventTypes.HistoryRead or EventTypes.HistoryExported;
}
