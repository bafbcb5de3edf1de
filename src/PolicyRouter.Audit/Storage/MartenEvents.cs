using JasperFx;
using JasperFx.Events;
using Marten;
using PolicyRouter.Audit.Events;

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
            options.DatabaseSchemaName = AuditSchema.Name;
            options.Events.DatabaseSchemaName = AuditSchema.Name;
            options.AutoCreateSchemaObjects = createsSchema ? AutoCreate.CreateOrUpdate : AutoCreate.None;
            options.Events.StreamIdentity = StreamIdentity.AsGuid;

            // Quick: the database's clock stamps the row beside our own time inside the event.
            options.Events.AppendMode = EventAppendMode.Quick;
            options.Events.EnableUniqueIndexOnEventId = true;
            Use<RequestDecided>(options, EventTypes.RequestDecided);
            Use<AttemptAuthorized>(options, EventTypes.AttemptAuthorized);
            Use<RequestCompleted>(options, EventTypes.RequestCompleted);
            Use<PolicyActivated>(options, EventTypes.PolicyActivated);
            Use<PolicyRejected>(options, EventTypes.PolicyRejected);
            Use<HistoryRead>(options, EventTypes.HistoryRead);
            Use<HistoryExported>(options, EventTypes.HistoryExported);
            Use<DeploymentSuspended>(options, EventTypes.DeploymentSuspended);
            Use<DeploymentResumed>(options, EventTypes.DeploymentResumed);
            Use<ResidencyMismatch>(options, EventTypes.ResidencyMismatch);
            Use<ModelMismatch>(options, EventTypes.ModelMismatch);
            Use<HandOffAuthorized>(options, EventTypes.HandOffAuthorized);
            Use<HandOffDelivered>(options, EventTypes.HandOffDelivered);
            Use<HandOffDeadLettered>(options, EventTypes.HandOffDeadLettered);
            Use<RetentionExecuted>(options, EventTypes.RetentionExecuted);
            Use<LegalHoldPlaced>(options, EventTypes.LegalHoldPlaced);
            Use<LegalHoldLifted>(options, EventTypes.LegalHoldLifted);
            Use<ErasureExecuted>(options, EventTypes.ErasureExecuted);
            Use<KeyRotated>(options, EventTypes.KeyRotated);
            Use<RollbackFound>(options, EventTypes.RollbackFound);
        });
        Names = new EventNames(_store);
    }

    public EventNames Names { get; }

    public Task ApplySchemaAsync(CancellationToken cancellationToken) =>
        _store.Storage.Database.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate, null, cancellationToken);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private void Use<T>(StoreOptions options, string name)
        where T : AuditEvent
    {
        options.Events.MapEventType<T>(name);
        options.Events.UseBinarySerializer<T>(_serializer);
    }
}
