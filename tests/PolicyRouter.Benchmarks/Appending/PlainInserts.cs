using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>
/// The limit: the same bytes, by the same kind of group commit (a batch is what queued while the one before was being committed), as one
/// multi-row insert into a table with the columns and the three unique indexes that a log needs (place, stream and version, id), and nothing else; or with the row
/// that auditors search by besides, so that the same is stored and what remains is the cost of a log that nobody can change unseen.
/// </summary>
internal sealed class PlainInserts : IAppender
{
    private const int MaxBatch = 512;

    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly NpgsqlConnection _connection;
    private readonly bool _withRows;
    private readonly Task _running;
    private readonly Guid _stream = Guid.NewGuid();
    private long _size;

    private PlainInserts(NpgsqlConnection connection, bool withRows)
    {
        _connection = connection;
        _withRows = withRows;
        _running = RunAsync();
    }

    public string Name => _withRows ? "plain inserts, searchable" : "plain inserts";

    public static async Task<PlainInserts> StartAsync(string database, bool withRows)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(database) { MaxAutoPrepare = 10, AutoPrepareMinUsages = 2 }.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand create = new(
            """
            CREATE TABLE plain (
                seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL UNIQUE, stream uuid NOT NULL, version bigint NOT NULL, type text NOT NULL,
                at timestamptz NOT NULL DEFAULT now(), bytes bytea NOT NULL, UNIQUE (stream, version))
            """,
            connection);
        await create.ExecuteNonQueryAsync();
        if (withRows)
        {
            await using MartenEvents events = new(database, createsSchema: true);
            await AuditSchema.EnsureAsync(connection, events, CancellationToken.None);
        }

        return new PlainInserts(connection, withRows);
    }

    public async Task AppendAsync(RequestDecided decision)
    {
        Waiting waiting = new(decision, CanonicalJson.Write(decision), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _queue.Writer.WriteAsync(waiting);
        await waiting.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _running;
        await _connection.DisposeAsync();
    }

    private async Task RunAsync()
    {
        List<Waiting> rows = [];
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (rows.Count < MaxBatch && _queue.Reader.TryRead(out var next))
            {
                rows.Add(next);
            }

            await using NpgsqlBatch batch = new(_connection);
            batch.BatchCommands.Add(Insert(rows));
            if (_withRows)
            {
                RequestIndex index = new();
                rows.ForEach(row => index.Add(row.Decision));
                index.AddCommands(batch, "benchmark");
            }

            await batch.ExecuteNonQueryAsync();
            _size += rows.Count;
            rows.ForEach(static row => row.Done.SetResult());
            rows.Clear();
        }
    }

    private NpgsqlBatchCommand Insert(List<Waiting> rows)
    {
        NpgsqlBatchCommand insert = new("INSERT INTO plain (id, bytes, version, stream, type) SELECT id, bytes, $3 + place, $4, $5 FROM unnest($1, $2) WITH ORDINALITY AS t(id, bytes, place)");
        insert.AddColumn(NpgsqlDbType.Uuid, rows, static row => row.Decision.Id);
        insert.AddColumn(NpgsqlDbType.Bytea, rows, static row => row.Bytes);
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _size });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _stream });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = EventTypes.RequestDecided });
        return insert;
    }

    private sealed record Waiting(RequestDecided Decision, byte[] Bytes, TaskCompletionSource Done);
}
