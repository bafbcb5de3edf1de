using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>What the host itself does with the log: append its own events, answer history questions, ask whether it can write.</summary>
/// <param name="Append">Returns when the event is durable.</param>
internal sealed record AuditConnection(
    Func<AuditEvent, CancellationToken, Task> Append,
    Func<HistoryQuery, CancellationToken, Task<HistoryPage>> Query,
    Func<Guid, CancellationToken, Task<IReadOnlyList<RecordedEvent>>> EventsOf,
    Func<bool> IsWritable,
    Func<CancellationToken, Task<IReadOnlySet<string>>> Suspended,
    Func<UsageQuery, CancellationToken, Task<SumPage<UsageRow>>> Usage,
    Func<DisclosureQuery, CancellationToken, Task<SumPage<DisclosureRow>>> Disclosures,
    Func<DateTimeOffset, CancellationToken, Task<IReadOnlyList<PolicyInForce>>> PoliciesAt)
{
    /// <summary>The newest recorded decisions of a query, at most so many, newest first.</summary>
    public Func<HistoryQuery, int, CancellationToken, Task<IReadOnlyList<RequestDecided>>> LatestDecisions { get; init; } =
        static (_, _, _) => Task.FromResult<IReadOnlyList<RequestDecided>>([]);

    /// <summary>The newest events of some types that are about no request, at most so many, newest first.</summary>
    public Func<IReadOnlyList<string>, int, CancellationToken, Task<IReadOnlyList<AuditEvent>>> Notices { get; init; } =
        static (_, _, _) => Task.FromResult<IReadOnlyList<AuditEvent>>([]);

    public static AuditConnection Of(AuditLog log, AuditHistory history) => new(
        log.AppendAsync,
        history.QueryAsync,
        history.EventsOfAsync,
        () => log.IsWritable,
        history.SuspendedAsync,
        history.UsageAsync,
        history.DisclosuresAsync,
        history.PoliciesAtAsync)
    {
        LatestDecisions = history.LatestDecisionsAsync, Notices = history.NoticesAsync,
    };
}
