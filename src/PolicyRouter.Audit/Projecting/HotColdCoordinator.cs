using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.Logging;
using Polly;

namespace PolicyRouter.Audit.Projecting;

/// <summary>Marten's coordinator of a daemon that is hot on one node and cold on the others, with the election of <see cref="LeaderElection"/>.</summary>
internal sealed class HotColdCoordinator : ProjectionCoordinatorBase
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    private readonly IProjectionDaemon _daemon;

    private HotColdCoordinator(LeaderElection election, IProjectionDaemon daemon, ILogger logger, TimeProvider time)
        : base(election, logger, ResiliencePipeline.Empty, time, leadershipPollingTime: AskEvery, agentPauseTime: AskEvery, healthCheckPollingTime: AskEvery) => _daemon = daemon;

    /// <summary>Contacts nobody yet.</summary>
    public static async Task<HotColdCoordinator> CreateAsync(DocumentStore store, LeaderElection election, ILogger logger, TimeProvider time) =>
        new(election, (IProjectionDaemon)await store.BuildProjectionDaemonAsync(logger: logger), logger, time);

    public override IProjectionDaemon DaemonForMainDatabase() => _daemon;

    public override ValueTask<IProjectionDaemon> DaemonForDatabase(string databaseIdentifier) => ValueTask.FromResult(_daemon);

    public override ValueTask<IReadOnlyList<IProjectionDaemon>> AllDaemonsAsync() => ValueTask.FromResult(ResolvedDaemons());

    protected override IProjectionDaemon ResolveDaemon(IProjectionSet set) => _daemon;

    protected override IReadOnlyList<IProjectionDaemon> ResolvedDaemons() => [_daemon];

    // Stopped once, and then done with.
    protected override void ClearResolvedDaemons()
    {
    }
}
