namespace PolicyRouter.Policies.Replaying;

/// <summary>Requests counted. One that wins a deployment and loses another counts as both.</summary>
public sealed class ReplayTotals
{
    public long Decided { get; private set; }
    public long Changed { get; private set; }
    public long NewlyAllowed { get; private set; }
    public long NewlyDenied { get; private set; }
    public long DutiesChanged { get; private set; }

    /// <summary>Requests that somebody might receive, and now nobody.</summary>
    public long LeftWithNobody { get; private set; }

    public void Add(ReplayedRequest replayed, bool wasAnswerable)
    {
        ArgumentNullException.ThrowIfNull(replayed);
        Decided++;
        Changed += replayed.IsChanged ? 1 : 0;
        NewlyAllowed += replayed.NewlyAllowed.Count > 0 ? 1 : 0;
        NewlyDenied += replayed.NewlyDenied.Count > 0 ? 1 : 0;
        DutiesChanged += replayed.DutiesChanged.Count > 0 ? 1 : 0;
        LeftWithNobody += wasAnswerable && !replayed.IsAnswerable ? 1 : 0;
    }
}
