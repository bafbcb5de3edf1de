using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>An event with the bytes that will be stored.</summary>
internal sealed record PreparedEvent(AuditEvent Entry, byte[] Bytes)
{
    public static PreparedEvent From(AuditEvent entry) => new(entry, CanonicalJson.Write(entry));
}
