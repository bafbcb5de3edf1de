using JasperFx.Events;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>Gives Marten the bytes that were made, and hashed, when the event was handed in.</summary>
internal sealed class CanonicalEventSerializer : IEventBinarySerializer
{
    private volatile Dictionary<object, byte[]>? _pinned;

    /// <summary>
    /// For the duration of one save by the one writer: the stored bytes are the hashed bytes, whatever a caller does to a list of
    /// the event meanwhile.
    /// </summary>
    public IDisposable Pin(IReadOnlyList<PreparedEvent> events)
    {
        Dictionary<object, byte[]> pinned = new(events.Count, ReferenceEqualityComparer.Instance);
        foreach (var prepared in events)
        {
            pinned[prepared.Entry] = prepared.Bytes;
        }

        _pinned = pinned;
        return new Release(this);
    }

    public byte[] Serialize(Type type, object data) =>
        _pinned is { } pinned && pinned.TryGetValue(data, out var bytes)
            ? bytes
            : throw new InvalidOperationException($"An event of type {type.Name} was not handed in through the audit log.");

    public object Deserialize(Type type, byte[] data) => CanonicalJsonReader.Read(data);

    private sealed class Release(CanonicalEventSerializer owner) : IDisposable
    {
        public void Dispose() => owner._pinned = null;
    }
}
