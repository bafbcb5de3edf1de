using Marten;
using Microsoft.Extensions.Logging;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// Follows the log and keeps the sums behind it, by Marten's async daemon. Every node runs one; one of them leads, by a lock in the database, and the others wait for the lock. Nothing here is waited for by a request, and whatever the database does, it comes back by itself.
/// </summary>
public sealed class AuditProjections : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly NpgsqlDataSource _database;
    private readonly DocumentStore _store;
    private readonly LeaderLock _lock;
    private readonly HotColdCoordinator _coordinator;
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _shard;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _led;
    private Task _watching = Task.CompletedTask;
    private int _disposed;

    private AuditProjections(
        NpgsqlDataSource database, DocumentStore store, LeaderLock leaderLock, HotColdCoordinator coordinator, string shard, TimeProvider time, ILogger logger) =>
        (_database, _store, _lock, _coordinator, _shard, _time, _logger) = (database, store, leaderLock, coordinator, shard, time, logger);

    /// <summary>True while this node keeps the projections.</summary>
    public bool Leads => _lock.IsHeld;

    /// <summary>Begins to wait for the lead. Returns at once: the database need not be there.</summary>
    /// <param name="shard">Of this node's log: names its connections and tags its metrics.</param>
    public static async Task<AuditProjections> StartAsync(string connectionString, string shard, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        var logger = loggers.CreateLogger<AuditProjections>();
        var database = AuditConnectionString.OpenPool(AuditConnectionString.ForProjections(connectionString, shard));
        var store = ProjectionStore.Open(database);
        LeaderLock leaderLock = new(AuditConnectionString.ForLeaderLock(connectionString, shard));
        var coordinator = await HotColdCoordinator.CreateAsync(store, new LeaderElection(store, leaderLock), new BoundedLogger(logger, time), time);
        AuditProjections started = new(database, store, leaderLock, coordinator, shard, time, logger);
        await started._coordinator.StartAsync(CancellationToken.None);
        started._watching = Task.Run(started.WatchAsync);
        return started;
    }

    /// <summary>Finishes the page at hand and frees the lead, so that another node takes over at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _watching;
        try
        {
            await _coordinator.StopAsync(CancellationToken.None).WaitAsync(StopPatience, TimeProvider.System);
            await _lock.DisposeAsync();
        }
        catch (TimeoutException)
        {
            _logger.StopsLate();
        }

        await _store.DisposeAsync();
        await _database.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(LookEvery, _time);
        var wasKnown = true;
        try
        {
            do
            {
                Report(Leads);
                wasKnown = await TryMeasureAsync(wasKnown);
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node stops: it leads nothing more.
            Report(leads: false);
        }
    }

    private void Report(bool leads)
    {
        AuditMeter.ProjectionLeader.Record(leads ? 1 : 0, new KeyValuePair<string, object?>("shard", _shard));
        if (leads != _led)
        {
            _led = leads;
            if (leads)
            {
                _logger.Leads(_shard);
            }
            else
            {
                _logger.LeadsNoMore(_shard);
            }
        }
    }

    private async Task<bool> TryMeasureAsync(bool wasKnown)
    {
        try
        {
            await using var connection = await _database.OpenConnectionAsync(_stopping.Token);
            foreach (var projection in ProjectionNames.All)
            {
                var standing = await ProjectionStanding.ReadAsync(connection, null, projection, _stopping.Token);
                AuditMeter.ProjectionLag.Record(standing.Behind, new("shard", _shard), new("projection", projection));
            }

            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            if (wasKnown)
            {
                _logger.StandingUnknown(failure.GetType().Name);
            }

            return false;
        }
    }
}
