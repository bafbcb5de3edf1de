using JasperFx;
using Marten;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Storage;

/// <summary>Our rows are Marten's: what Marten itself would have written, and what it reads.</summary>
public sealed class EventRowsTests : IAsyncLifetime
{
    private readonly AuditEvent[] _first = [Sample.Permit(), Sample.Deny()];
    private readonly AuditEvent[] _then;
    private string _database = "";

    public EventRowsTests() => _then = [Sample.Attempt(_first[0].Id, 2, "claude-bedrock-us"), Sample.End(_first[0].Id), Sample.Suspended("azure-eastus")];

    public async Task InitializeAsync() => _database = await PostgresFixture.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task RowsOfEventsAndStreams_AreThoseOfAMartenSession()
    {
        await using (var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = _database, Shard = "rows", Deadline = TimeSpan.FromSeconds(20) },
            TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
        {
            foreach (var entry in _first.Concat(_then))
            {
                await log.AppendAsync(entry, CancellationToken.None);
            }
        }

        var theirs = Guid.NewGuid();
        var ours = ShardHead.StreamOf("rows", 1);
        await using var marten = DocumentStore.For(options =>
        {
            options.Connection(AuditConnectionString.ForReader(_database));
            options.AutoCreateSchemaObjects = AutoCreate.None;
            StoredEvents.Register(options, new CanonicalEventSerializer());
        });
        await using (var session = marten.LightweightSession())
        {
            session.Events.StartStream(theirs, _first.Select(Copy).ToArray());
            await session.SaveChangesAsync();
            session.Events.Append(theirs, _then.Select(Copy).ToArray());
            await session.SaveChangesAsync();
        }

        // Ids are used once, so the copies have others, of the same length.
        Assert.Equal(await RowsAsync(theirs), await RowsAsync(ours));
        Assert.Equal(await StreamAsync(theirs), await StreamAsync(ours));
        await using var reading = marten.QuerySession();
        var read = await reading.Events.FetchStreamAsync(ours);
        Assert.Equal(_first.Concat(_then).Select(static entry => (entry.Id, entry.GetType())), read.Select(static stored => (stored.Id, stored.Data.GetType())));
    }

    private static object Copy(AuditEvent entry) => entry with { Id = Guid.CreateVersion7() };

    /// <summary>All columns but those that no two appends share; of the time only that it is now.</summary>
    private Task<string> RowsAsync(Guid stream) => Sql.ScalarAsync<string>(
        _database,
        $"""
        SELECT string_agg(
            (to_jsonb(e) - 'seq_id' - 'stream_id' - 'timestamp' - 'id' - 'bdata'
                || jsonb_build_object('bytes', length(e.bdata), 'is new', e.timestamp BETWEEN now() - interval '10 minutes' AND now()))::text,
            E'\n' ORDER BY version)
        FROM audit.mt_events e WHERE stream_id = '{stream}'
        """);

    private Task<string> StreamAsync(Guid stream) => Sql.ScalarAsync<string>(
        _database,
        $"""
        SELECT (to_jsonb(s) - 'id' - 'timestamp' - 'created' || jsonb_build_object('is new', s.timestamp BETWEEN now() - interval '10 minutes' AND now()))::text
        FROM audit.mt_streams s WHERE id = '{stream}'
        """);
}
