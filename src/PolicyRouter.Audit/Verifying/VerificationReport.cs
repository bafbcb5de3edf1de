namespace PolicyRouter.Audit.Verifying;

/// <summary>What came out when a log was recomputed.</summary>
/// <param name="Checkpoints">How many kept checkpoints were compared.</param>
/// <param name="Faults">At most a few per log; none when the log verifies.</param>
public sealed record VerificationReport(IReadOnlyList<VerifiedLog> Logs, int Checkpoints, IReadOnlyList<LogFault> Faults)
{
    public bool Verifies => Faults.Count == 0;
    public long Entries => Logs.Sum(static log => log.Entries);

    /// <summary>Entries that no signed checkpoint covers: nothing shows that they are what was recorded.</summary>
    public long Uncovered => Logs.Sum(static log => log.Uncovered);
}
