using PolicyRouter.Audit.Events;
using PolicyRouter.Policies.Replaying;

namespace PolicyRouter.Cli.Policy;

/// <summary>Tells what a replay found, one changed request after the other, then in sum.</summary>
internal interface IReplayReport
{
    public void Add(RequestDecided decided, ReplayedRequest replayed);

    public void End(ReplayTotals totals);
}
