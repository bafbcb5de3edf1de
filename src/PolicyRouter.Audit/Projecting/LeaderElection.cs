using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// One leader for all projections of a database. Marten's own election takes a lock for each, by a library that this repository has a stand-in for (docs/decisions/0002).
/// </summary>
internal sealed class LeaderElection(DocumentStore store, LeaderLock leaderLock) : IProjectionDistributor
{
    private readonly IReadOnlyList<ShardName> _names = [.. ProjectionNames.All.Select(static name => ShardName.Compose(name))];

    public ValueTask<IReadOnlyList<IProjectionSet>> BuildDistributionAsync() =>
        ValueTask.FromResult<IReadOnlyList<IProjectionSet>>([new AllProjections((IProjectionDatabase)store.Storage.Database, _names)]);

    // Nodes that start together need not ask in turns: the losers only wait.
    public Task RandomWait(CancellationToken token) => Task.CompletedTask;

    public bool HasLock(IProjectionSet set) => leaderLock.IsHeld;

    public Task<bool> TryAttainLockAsync(IProjectionSet set, CancellationToken token) => leaderLock.TryTakeAsync(token);

    public Task ReleaseLockAsync(IProjectionSet set) => leaderLock.ReleaseAsync();

    public Task ReleaseAllLocks() => leaderLock.ReleaseAsync();

    public ValueTask DisposeAsync() => leaderLock.DisposeAsync();

    private sealed record AllProjections(IProjectionDatabase Database, IReadOnlyList<ShardName> Names) : IProjectionSet
    {
        public int LockId => LeaderLock.Number;
    }
}
