using JasperFx.Events;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>The bytes of an event in Marten are its canonical JSON.</summary>
internal sealed class CanonicalEventSerializer : IEventBinarySerializer
{
    public byte[] Serialize(Type type, object data) => CanonicalJson.Write((AuditEvent)data);

    public object Deserialize(Type type, byte[] data) => CanonicalJsonReader.Read(data);
}
