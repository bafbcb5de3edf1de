namespace PolicyRouter.Audit.Events;

/// <summary>Names of the event types in the log. A name never changes its meaning: a new shape gets a new name.</summary>
public static class EventTypes
{
    public const string RequestDecided = "request_decided";
    public const string AttemptAuthorized = "attempt_authorized";
    public const string RequestCompleted = "request_completed";
    public const string PolicyActivated = "policy_activated";
    public const string PolicyRejected = "policy_rejected";
    public const string HistoryRead = "history_read";
    public const string HistoryExported = "history_exported";
    public const string DeploymentSuspended = "deployment_suspended";
    public const string DeploymentResumed = "deployment_resumed";
    public const string ResidencyMismatch = "residency_mismatch";
    public const string ModelMismatch = "model_mismatch";
    public const string HandOffAuthorized = "hand_off_authorized";
    public const string HandOffDelivered = "hand_off_delivered";
    public const string HandOffDeadLettered = "hand_off_dead_lettered";
    public const string RetentionExecuted = "retention_executed";
    public const string LegalHoldPlaced = "legal_hold_placed";
    public const string LegalHoldLifted = "legal_hold_lifted";
    public const string ErasureExecuted = "erasure_executed";
    public const string KeyRotated = "key_rotated";
    public const string RollbackFound = "rollback_found";
}
