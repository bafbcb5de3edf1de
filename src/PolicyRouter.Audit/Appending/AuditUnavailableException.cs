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
}
