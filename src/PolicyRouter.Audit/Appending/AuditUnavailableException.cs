namespace PolicyRouter.Audit.Appending;

/// <summary>The event could not be made durable in time, or it is not known whether it was. Nothing may be sent.</summary>
public sealed class AuditUnavailableException : Exception
{
    public AuditUnavailableException(string message) : base(message)
    {
    }

    public AuditUnavailableException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>
    /// True when the event may be in the log all the same: its commit was under way, or the answer to it was lost. If it is, the log closes it by itself, as something that
    /// was never sent, as soon as the database says so.
    /// </summary>
    public bool MayBeRecorded { get; init; }
}
