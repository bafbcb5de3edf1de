using JasperFx.Events;
using Marten;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>How the log's events lie in Marten: the same for the store that writes them and for the one that follows them.</summary>
internal static class StoredEvents
{
    /// <param name="serializer">Makes the bytes of <c>mt_events.bdata</c>, and events of them.</param>
    public static void Register(StoreOptions options, IEventBinarySerializer serializer)
    {
        options.DatabaseSchemaName = AuditSchema.Name;
        options.Events.DatabaseSchemaName = AuditSchema.Name;
        options.Events.StreamIdentity = StreamIdentity.AsGuid;

        // Quick: the database's clock stamps the row beside our own time inside the event.
        options.Events.AppendMode = EventAppendMode.Quick;
        options.Events.EnableUniqueIndexOnEventId = true;
        Use<RequestDecided>(EventTypes.RequestDecided);
        Use<AttemptAuthorized>(EventTypes.AttemptAuthorized);
        Use<RequestCompleted>(EventTypes.RequestCompleted);
        Use<PolicyActivated>(EventTypes.PolicyActivated);
        Use<PolicyRejected>(EventTypes.PolicyRejected);
        Use<HistoryRead>(EventTypes.HistoryRead);
        Use<HistoryExported>(EventTypes.HistoryExported);
        Use<DeploymentSuspended>(EventTypes.DeploymentSuspended);
        Use<DeploymentResumed>(EventTypes.DeploymentResumed);
        Use<ResidencyMismatch>(EventTypes.ResidencyMismatch);
        Use<ModelMismatch>(EventTypes.ModelMismatch);
        Use<HandOffAuthorized>(EventTypes.HandOffAuthorized);
        Use<HandOffDelivered>(EventTypes.HandOffDelivered);
        Use<HandOffDeadLettered>(EventTypes.HandOffDeadLettered);
        Use<RetentionExecuted>(EventTypes.RetentionExecuted);
        Use<LegalHoldPlaced>(EventTypes.LegalHoldPlaced);
        Use<LegalHoldLifted>(EventTypes.LegalHoldLifted);
        Use<ErasureExecuted>(EventTypes.ErasureExecuted);
        Use<KeyRotated>(EventTypes.KeyRotated);
        Use<RollbackFound>(EventTypes.RollbackFound);

        void Use<T>(string name)
            where T : AuditEvent
        {
            options.Events.MapEventType<T>(name);
            options.Events.UseBinarySerializer<T>(serializer);
        }
    }
}
