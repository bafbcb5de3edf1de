using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reporting;

/// <summary>
/// Sums a period up. Requests come in the order of their decisions, each with its end; the other events in any order. Memory does not grow with the number
/// of requests: names, incidents and timeline entries are bounded, and what finds no room is counted.
/// </summary>
internal sealed class ReportBuilder(ReportPeriod period)
{
    private readonly FateCounts _requests = new();
    private readonly BoundedTable<string, RouteSums> _routes = new(Tally.MostNames, Tally.Others);
    private readonly BoundedTable<string, FateCounts> _classes = new(Tally.MostNames, Tally.Others);
    private readonly Tally _losses = new();
    private readonly Tally _refusalCodes = new();
    private readonly Tally _refusalRules = new();
    private readonly Tally _refusalClasses = new();
    private readonly BoundedTable<string, DeploymentSums> _deployments = new(Tally.MostNames, Tally.Others);
    private readonly BoundedTable<(string Deployment, string? Currency), UsageSums> _usage = new(Tally.MostNames, (Tally.Others, null));
    private readonly BoundedTable<string, FailureSums> _policies = new(Tally.MostNames, Tally.Others);
    private readonly IncidentTracker _incidents = new();
    private readonly TimelineSums _timeline = new(Tally.MostNames);
    private long _failedOver;
    private long _historyReads;

    /// <summary>A request of the period; its end is null while none is recorded.</summary>
    public void Add(RequestDecided decided, RequestCompleted? end)
    {
        _incidents.Reached(decided.At);
        var fate = RequestFates.Of(decided, end);
        Count(decided, fate);
        if (FateCounts.IsLost(fate))
        {
            _losses.Add(RequestFates.Loss(decided, end));
        }

        if (fate == RequestFate.Refused)
        {
            CountRefusal(decided);
        }

        if (decided.BreakGlass is { } token)
        {
            _timeline.Sum(decided.At, "break_glass", token.Ticket, string.Join(", ", token.SignedBy));
        }

        if (end is not null)
        {
            CountAttempts(end, fate);
            _incidents.Add(new EndedRequest(decided, end, fate));
        }
    }

    /// <summary>An event that belongs to no request, or that came to light with one.</summary>
    public void Add(AuditEvent entry)
    {
        switch (entry)
        {
            case PolicyActivated activated:
                _timeline.Add(entry.At, entry.Id, EventTypes.PolicyActivated, activated.PolicyVersion, "");
                break;
            case PolicyRejected rejected:
                _timeline.Add(entry.At, entry.Id, EventTypes.PolicyRejected, rejected.PolicyVersionInForce ?? "", string.Join(", ", rejected.Problems));
                break;
            case DeploymentSuspended suspended:
                _timeline.Add(entry.At, entry.Id, EventTypes.DeploymentSuspended, suspended.Deployment, $"{suspended.By}: {suspended.Reason}");
                break;
            case DeploymentResumed resumed:
                _timeline.Add(entry.At, entry.Id, EventTypes.DeploymentResumed, resumed.Deployment, $"{resumed.By}: {resumed.Reason}");
                break;
            case ResidencyMismatch residency:
                _timeline.Sum(entry.At, EventTypes.ResidencyMismatch, residency.Deployment, $"{residency.Reported} (registry: {string.Join(", ", residency.Claimed)})");
                break;
            case ModelMismatch model:
                _timeline.Sum(entry.At, EventTypes.ModelMismatch, model.Deployment, $"{model.Reported} (expected: {string.Join(", ", model.Expected)})");
                break;
            case HistoryRead:
                _historyReads++;
                break;
        }
    }

    /// <summary>The report. Nothing can be added afterwards.</summary>
    /// <param name="source">What it was made from, but for what the events of the period say themselves.</param>
    public AuditReport Build(ReportSource source)
    {
        var incidents = _incidents.End(period.To);
        return new AuditReport
        {
            Period = period,
            Requests = _requests,
            FailedOver = _failedOver,
            Routes =
            [
                .. _routes.Rows.OrderBy(static row => row.Key, StringComparer.Ordinal).Select(row => new RouteFigures(
                    row.Key, row.Value.Requests, Figures(row.Value.Classes), row.Value.Intervals.Figures(period))),
            ],
            Classes = Figures(_classes),
            Losses = _losses.Sorted(),
            Refusals = new RefusalFigures(_refusalCodes.Sorted(), _refusalRules.Sorted(), _refusalClasses.Sorted()),
            Deployments =
            [
                .. _deployments.Rows.OrderBy(static row => row.Key, StringComparer.Ordinal).Select(row => row.Value.Figures(row.Key, period)),
            ],
            Incidents = incidents,
            IncidentsLeftOut = _incidents.LeftOut,
            Usage =
            [
                .. _usage.Rows.OrderBy(static row => row.Key.Deployment, StringComparer.Ordinal).ThenBy(static row => row.Key.Currency, StringComparer.Ordinal)
                    .Select(static row => row.Value.Figures(row.Key)),
            ],
            Timeline = _timeline.Sorted(incidents),
            TimelineLeftOut = _timeline.LeftOut,
            Source = source with
            {
                HistoryReads = _historyReads,
                Policies =
                [
                    .. _policies.Rows.Select(static row => new PolicyInForce(row.Key, row.Value.First, row.Value.Last, row.Value.Count))
                        .OrderBy(static policy => policy.First).ThenBy(static policy => policy.Version, StringComparer.Ordinal),
                ],
            },
        };
    }

    private void Count(RequestDecided decided, RequestFate fate)
    {
        _requests.Add(fate);
        _policies.Of(decided.PolicyVersion).Add(decided.At);
        var route = _routes.Of(decided.Route);
        route.Requests.Add(fate);
        if (fate == RequestFate.Answered)
        {
            route.Intervals.Answered(period.IntervalOf(decided.At));
        }
        else if (FateCounts.IsLost(fate))
        {
            route.Intervals.Failed(period.IntervalOf(decided.At));
        }

        foreach (var label in ClassesOf(decided))
        {
            _classes.Of(label).Add(fate);
            route.Classes.Of(label).Add(fate);
        }
    }

    private void CountRefusal(RequestDecided decided)
    {
        _refusalCodes.Add(decided.RefusalCode ?? "unstated");
        foreach (var rule in decided.Denied.Concat(decided.Unsuitable).SelectMany(static candidate => candidate.Rules).Distinct(StringComparer.Ordinal))
        {
            _refusalRules.Add(rule);
        }

        foreach (var label in ClassesOf(decided))
        {
            _refusalClasses.Add(label);
        }
    }

    private void CountAttempts(RequestCompleted end, RequestFate fate)
    {
        var interval = period.IntervalOf(end.At);
        var hasFailed = false;
        foreach (var failure in AttemptFailure.Of(end))
        {
            _deployments.Of(failure.Deployment).Failed(failure, end.At, interval);
            hasFailed |= failure.Deployment != end.Deployment;
        }

        if (end.Deployment is not { } deployment)
        {
            return;
        }

        _usage.Of((deployment, end.Currency)).Add(end);
        if (fate is RequestFate.Answered or RequestFate.CallerLeft)
        {
            _deployments.Of(deployment).Answered(interval);
            _failedOver += hasFailed && fate == RequestFate.Answered ? 1 : 0;
        }
    }

    private static IEnumerable<string> ClassesOf(RequestDecided decided) =>
        decided.FinalClasses.Count == 0 ? ["(none)"] : decided.FinalClasses.Distinct(StringComparer.Ordinal);

    private static IReadOnlyList<ClassFigures> Figures(BoundedTable<string, FateCounts> classes) =>
    [
        .. classes.Rows.OrderBy(static row => row.Key, StringComparer.Ordinal).Select(static row => new ClassFigures(row.Key, row.Value)),
    ];
}
