namespace PolicyRouter.Audit.Sealing;

/// <summary>What checking a proof of inclusion came to.</summary>
public enum InclusionState
{
    /// <summary>The event is in the log that the checkpoint covers, and one of the given keys has signed the checkpoint.</summary>
    Verified,

    /// <summary>No checkpoint covers the event yet, or none was ever signed for its log.</summary>
    NotCovered,

    /// <summary>The path does not lead from the event to the checkpoint's root: the event, or a recorded hash, was altered.</summary>
    PathLeadsElsewhere,

    /// <summary>The path leads to the checkpoint's root, but none of the given keys has signed the checkpoint.</summary>
    SignatureDoesNotHold,

    /// <summary>The path leads to the checkpoint's root; without a key nobody knows who signed it.</summary>
    NoKey,
}
