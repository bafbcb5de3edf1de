using JasperFx;
using Marten;

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
        Names = new EventNames(_store);
    }

    public EventNames Names { get; }

    public Task ApplySchemaAsync(CancellationToken cancellationToken) =>
        _store.Storage.Database.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate, null, cancellationToken);

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
