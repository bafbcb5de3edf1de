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
    public static AuditConnection Of(AuditLog log, AuditHistory history) => new(
        log.AppendAsync,
        history.QueryAsync,
        history.EventsOfAsync,
        () => log.IsWritable,
        history.SuspendedAsync,
        history.UsageAsync,
        history.DisclosuresAsync,
        history.PoliciesAtAsync);
}
