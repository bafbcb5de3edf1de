using JasperFx;
using Marten;
using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>The Marten event store of the log: every event type stored as its canonical JSON bytes (<c>mt_events.bdata</c>).</summary>
internal sealed class MartenEvents : IAsyncDisposable
{
    private readonly CanonicalEventSerializer _serializer = new();
    private readonly NpgsqlDataSource _database;
    private readonly DocumentStore _store;

    /// <param name="createsSchema">False leaves the tables as they are.</param>
    public MartenEvents(string connectionString, bool createsSchema)
    {
        _database = AuditConnectionString.OpenPool(connectionString);
        _store = DocumentStore.For(options =>
        {
            options.Connection(_database);
            options.AutoCreateSchemaObjects = createsSchema ? AutoCreate.CreateOrUpdate : AutoCreate.None;
            StoredEvents.Register(options, _serializer);
        });
        Names = new EventNames(_store);
    }

    public EventNames Names { get; }

    public Task ApplySchemaAsync(CancellationToken cancellationToken) =>
        _store.Storage.Database.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate, null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _database.DisposeAsync();
    }
}
