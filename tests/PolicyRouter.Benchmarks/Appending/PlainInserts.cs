using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>
/// The limit: the same bytes, by the same kind of group commit (a batch is what queued while the one before was being committed), as one
/// multi-row insert into a table with the columns and the three unique indexes that a log needs (place, stream and version, id), and nothing else.
/// </summary>
internal sealed class PlainInserts : IAppender
{
    private const int MaxBatch = 512;

    private readonly Channel<(byte[] Bytes, Guid Id, TaskCompletionSource Done)> _queue = Channel.CreateUnbounded<(byte[], Guid, TaskCompletionSource)>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly NpgsqlConnection _connection;
    private readonly Task _running;
    private readonly Guid _stream = Guid.NewGuid();
    private long _size;

    private PlainInserts(NpgsqlConnection connection)
    {
        _connection = connection;
        _running = RunAsync();
    }

    public string Name => "plain inserts";

    public static async Task<PlainInserts> StartAsync(string database)
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
        return new PlainInserts(connection);
    }

    public async Task AppendAsync(RequestDecided decision)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync((CanonicalJson.Write(decision), decision.Id, done));
        await done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _running;
        await _connection.DisposeAsync();
    }

    private async Task RunAsync()
    {
        List<(byte[] Bytes, Guid Id, TaskCompletionSource Done)> batch = [];
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            await using NpgsqlCommand insert = new(
                "INSERT INTO plain (id, bytes, version, stream, type) SELECT id, bytes, $3 + place, $4, $5 FROM unnest($1, $2) WITH ORDINALITY AS t(id, bytes, place)", _connection);
            insert.Parameters.Add(new NpgsqlParameter { Value = batch.ConvertAll(static row => row.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            insert.Parameters.Add(new NpgsqlParameter { Value = batch.ConvertAll(static row => row.Bytes).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _size });
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _stream });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = EventTypes.RequestDecided });
            await insert.ExecuteNonQueryAsync();
            _size += batch.Count;
            batch.ForEach(static row => row.Done.SetResult());
            batch.Clear();
        }
    }
}
