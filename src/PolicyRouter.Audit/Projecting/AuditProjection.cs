using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// A table of sums that Marten's daemon keeps behind the log. A page of events is summed up in memory and queued as one statement in the transaction that also moves the
/// projection's progress: an event counts once, whatever dies.
/// </summary>
internal abstract class AuditProjection : ProjectionBase, IProjection
{
    // The page begins behind the last one that was counted, or the whole transaction fails (a null where none may be): two daemons that both believe they lead wait for one
    // another here, and the second finds the page counted. Marten's own progress does not always notice.
    private const string Reach = """
        INSERT INTO audit.projection_reach AS r (projection, last_seq) VALUES (?, ?)
        ON CONFLICT (projection) DO UPDATE SET last_seq = CASE WHEN r.last_seq < ? THEN excluded.last_seq END
        """;

    /// <param name="name">Part of the row in <c>mt_event_progression</c> and of the lock of its leader: it must not change.</param>
    /// <param name="table">The table with the sums.</param>
    /// <param name="events">The only kinds of events that are read.</param>
    protected AuditProjection(string name, string table, params Type[] events)
    {
        Name = name;
        Table = table;
        foreach (var type in events)
        {
            IncludeType(type);
        }

        // Fewer transactions while there is much to catch up with; a page of this size is some MB.
        Options.BatchSize = 2_000;
        Options.MaximumHopperSize = 4_000;
    }

    public string Table { get; }

    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        if (events.Count > 0)
        {
            operations.QueueSqlCommand(Reach, Name, events[^1].Sequence, events[0].Sequence);
            Sum(operations, events);
        }

        return Task.CompletedTask;
    }

    /// <summary>Queues what the events add to the table.</summary>
    protected abstract void Sum(IDocumentOperations operations, IReadOnlyList<IEvent> events);
}
