using JasperFx;
using Marten;
using Marten.Services;
using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>The Marten event store of the log: every event type stored as its canonical JSON bytes (<c>mt_events.bdata</c>).</summary>
internal sealed class MartenEvents : IAsyncDisposable
{
    private readonly CanonicalEventSerializer _serializer = new();
    private readonly DocumentStore _store;

    /// <param name="createsSchema">False leaves the tables as they are.</param>
    public MartenEvents(string connectionString, bool createsSchema)
    {
        _store = DocumentStore.For(options =>
        {
            options.Connection(connectionString);
            options.AutoCreateSchemaObjects = createsSchema ? AutoCreate.CreateOrUpdate : AutoCreate.None;
            StoredEvents.Register(options, _serializer);
        });
    }

    public Task ApplySchemaAsync(CancellationToken cancellationToken) =>
        _store.Storage.Database.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate, null, cancellationToken);

    /// <summary>Adds the events behind the <paramref name="version"/> events the stream has; fails when it has another number.</summary>
    public async Task AppendAsync(
        NpgsqlTransaction transaction, Guid stream, long version, IReadOnlyList<PreparedEvent> events, CancellationToken cancellationToken)
    {
        await using var session = _store.LightweightSession(SessionOptions.ForTransaction(transaction, shouldAutoCommit: false));
        var wrapped = new object[events.Count];
        for (var i = 0; i < wrapped.Length; i++)
        {
            var entry = session.Events.BuildEvent(events[i].Entry);
            entry.Id = events[i].Entry.Id;
            wrapped[i] = entry;
        }

        if (version == 0)
        {
            session.Events.StartStream(stream, wrapped);
        }
        else
        {
            session.Events.Append(stream, version + wrapped.Length, wrapped);
        }

        using (_serializer.Pin(events))
        {
            await session.SaveChangesAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
