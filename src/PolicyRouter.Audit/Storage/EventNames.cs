using System.Collections.Concurrent;
using Marten;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>What Marten calls each type of event, by its own word.</summary>
internal sealed class EventNames(IDocumentStore store)
{
    private readonly ConcurrentDictionary<Type, (string Event, string DotNet)> _names = new();

    public (string Event, string DotNet) Of(AuditEvent entry) => _names.TryGetValue(entry.GetType(), out var names)
        ? names
        : _names.GetOrAdd(entry.GetType(), Ask(entry));

    private (string Event, string DotNet) Ask(AuditEvent entry)
    {
        using var session = store.LightweightSession();
        var described = session.Events.BuildEvent(entry);
        return (described.EventTypeName, described.DotNetTypeName);
    }
}
