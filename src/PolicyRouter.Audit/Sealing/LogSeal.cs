using Microsoft.Extensions.Logging;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Sealing;

/// <summary>What goes on beside the writer of an open log: checkpoints are published, events read back.</summary>
internal sealed class LogSeal : IAsyncDisposable
{
    // For the last checkpoint and the last look at what was written, when the log closes.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly CheckpointPublisher? _publisher;
    private readonly ReadBack _readBack;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private LogSeal(NpgsqlDataSource database, CheckpointPublisher? publisher, ReadBack readBack, TimeProvider time)
    {
        _database = database;
        _publisher = publisher;
        _readBack = readBack;
        _time = time;
        _running = Task.WhenAll(
            Task.Run(() => readBack.RunAsync(_stop.Token)),
            Task.Run(() => publisher?.RunAsync(_stop.Token) ?? Task.CompletedTask));
    }

    public static LogSeal Start(AuditLogOptions options, Func<ShardHead> head, Action<string> mismatched, TimeProvider time, ILogger logger)
    {
        var database = AuditConnectionString.OpenPool(AuditConnectionString.ForReader(options.ConnectionString));
        List<ICheckpointSink> sinks = options.CheckpointFolder is { } folder ? [new CheckpointFolder(folder)] : [];
        sinks.Add(new CheckpointTable(database));
        if (options is { CheckpointFolder: { } kept, Signer: { } rootSigner })
        {
            sinks.Add(new RootCheckpointSink(database, options.Origin, rootSigner, new CheckpointFolder(kept)));
        }

        return new LogSeal(
            database,
            options.Signer is { } signer ? new CheckpointPublisher(head, options.Origin, signer, sinks, time, logger) : null,
            new ReadBack(database, head, mismatched, time, logger),
            time);
    }

    public Task<bool> PublishAsync(CancellationToken cancellationToken) => _publisher?.PublishAsync(cancellationToken) ?? Task.FromResult(false);

    public Task<bool> ReadBackAsync(CancellationToken cancellationToken) => _readBack.TryCheckAsync(cancellationToken);

    /// <summary>After the writer has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        using CancellationTokenSource patience = new(Farewell, _time);
        try
        {
            await _readBack.TryCheckAsync(patience.Token);
            await PublishAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // The database is away: the next `audit verify` looks at the rest.
        }

        _publisher?.Dispose();
        _readBack.Dispose();
        _stop.Dispose();
        await _database.DisposeAsync();
    }
}
