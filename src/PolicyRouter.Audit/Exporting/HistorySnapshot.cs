using System.Runtime.CompilerServices;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Audit.Exporting;

/// <summary>Which entries of a log are asked for.</summary>
internal sealed record LogRange(StoredHead Head, long First, long End);

/// <summary>What is asked for, as the database has it at one instant.</summary>
internal sealed class HistorySnapshot : IAsyncDisposable
{
    private readonly DatabaseLog _database;
    private readonly Dictionary<(string Shard, long Epoch), SignedCheckpoint> _newest;
    private readonly Action<long, long>? _progress;
    private long _done;

    private HistorySnapshot(DatabaseLog database, Dictionary<(string Shard, long Epoch), SignedCheckpoint> newest, Action<long, long>? progress)
    {
        _database = database;
        _newest = newest;
        _progress = progress;
    }

    public required DateTimeOffset At { get; init; }
    public required DateTimeOffset? From { get; init; }
    public required DateTimeOffset? To { get; init; }

    /// <summary>Whether it is one log by itself, for an archive.</summary>
    public bool IsOfOneLog { get; init; }

    /// <summary>Every log there is, also those with nothing of that time: so that none can be left out unseen.</summary>
    public required IReadOnlyList<LogRange> Logs { get; init; }

    public static async Task<HistorySnapshot> OpenAsync(
        string connectionString, DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now, Action<long, long>? progress, CancellationToken cancellationToken,
        (string Shard, long Epoch)? only = null)
    {
        var database = await DatabaseLog.OpenAsync(connectionString, TimeSpan.Zero, cancellationToken);
        try
        {
            List<LogRange> logs = [];
            foreach (var head in (await database.HeadsAsync(cancellationToken)).Where(head => only is null || only == (head.Shard, head.Epoch)))
            {
                var (first, end) = await database.RangeAsync(head, from, to, cancellationToken);
                logs.Add(new LogRange(head, first, end));
            }

            Dictionary<(string Shard, long Epoch), SignedCheckpoint> newest = [];
            foreach (var checkpoint in (await CheckpointTable.ReadNotesAsync(database.Connection, cancellationToken)).Select(SignedCheckpoint.Parse))
            {
                newest[(checkpoint.Shard, checkpoint.Epoch)] = checkpoint;
            }

            return new HistorySnapshot(database, newest, progress) { At = now, From = from, To = to, Logs = logs, IsOfOneLog = only is not null };
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public SignedCheckpoint? NewestCheckpoint(StoredHead head) => _newest.GetValueOrDefault((head.Shard, head.Epoch));

    public IAsyncEnumerable<(long Index, ReadOnlyMemory<byte> Hash)> LeafHashesAsync(StoredHead head, long end, CancellationToken cancellationToken) =>
        LeafHashes.ReadAsync(_database.Connection, head.Shard, head.Epoch, end, cancellationToken);

    public async IAsyncEnumerable<LogPage> PagesAsync(LogRange log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var total = Logs.Sum(static one => one.End - one.First);
        await foreach (var page in _database.PagesAsync(log.Head, log.First, log.End, cancellationToken))
        {
            yield return page;
            _done += page.Entries.Count;
            _progress?.Invoke(_done, total);
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
