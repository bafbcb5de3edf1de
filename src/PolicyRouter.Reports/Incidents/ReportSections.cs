using System.Globalization;
using PolicyRouter.Audit.Reporting;

namespace PolicyRouter.Reports.Incidents;

/// <summary>What a report says, section by section.</summary>
public sealed class ReportSections(AuditReport report, double target)
{
    // More rows in a chart, or more tables over time, are no longer read; the figures of all stand in the tables.
    private const int MostRowsOverTime = 12;

    private readonly ReportPeriod _period = report.Period;
    private readonly string _target = (target * 100).ToString("0.#####", CultureInfo.InvariantCulture) + " %";

    /// <param name="target">Share of requests that must be answered, above 0 and below 1.</param>
    public static ReportDocument Of(AuditReport report, double target) => new ReportSections(report, target).Document();

    private ReportDocument Document() => new(
        "Incident and availability report",
        [.. Lead()],
        [
            .. new List<ReportSection>
            {
                new("Summary", [.. Summary()]), new("Incidents", [.. Incidents()]), new("Timeline", [.. Timeline()]), new("Availability", [.. Availability()]),
                new("Failures by deployment", [.. Failures()]), new("What was refused, and why", [.. Refusals()]), new("Tokens and cost", [.. Usage()]),
            }.Where(static section => section.Parts.Count > 0),
            new("How this report was made", [.. Source()]),
        ]);

    private IEnumerable<string> Lead()
    {
        yield return $"From {ReportWords.Time(_period.From)} until before {ReportWords.Time(_period.To)}. All times are in UTC.";
        if (_period.To > report.Source.MadeAt)
        {
            yield return $"The period had not ended when this report was made ({ReportWords.Time(report.Source.MadeAt)}).";
        }

        if (report.Requests.Total == 0)
        {
            yield return report.Source is { FirstDecision: { } first, LastDecision: { } last }
                ? $"No request was decided in this period. The log holds decisions from {ReportWords.Time(first)} to {ReportWords.Time(last)}."
                : "No request was decided in this period. The log holds no decision at all.";
        }
        else if (report.Source.FirstDecision > _period.From + _period.Interval)
        {
            yield return $"The log begins within the period, at {ReportWords.Time(report.Source.FirstDecision)}.";
        }
    }

    private IEnumerable<ReportPart> Summary()
    {
        if (report.Requests.Total == 0)
        {
            yield break;
        }

        var counts = report.Requests;
        yield return new Table(
            "Requests",
            ["what", "requests"],
            [
                ["decided", ReportWords.Number(counts.Total)],
                ["answered", ReportWords.Number(counts.Answered)],
                ["of these by another deployment after an attempt had failed", ReportWords.Number(report.FailedOver)],
                ["lost: permitted, and no whole answer came", ReportWords.Number(counts.Lost)],
                ["refused by the policy", ReportWords.Number(counts[RequestFate.Refused])],
                ["invalid in the provider's view", ReportWords.Number(counts[RequestFate.CallersFault])],
                ["left by the caller", ReportWords.Number(counts[RequestFate.CallerLeft])],
                ["dry runs", ReportWords.Number(counts[RequestFate.DryRun])],
                ["not ended yet", ReportWords.Number(counts[RequestFate.Open])],
            ],
            Numbers: 1);
        yield return new Paragraph(
            $"Availability {ReportWords.Percent(counts.Availability)} against a target of {_target}: {(counts.Meets(target) ? "met" : "missed")}. "
            + $"Error budget used: {ReportWords.Budget(counts.BudgetUsed(target))}. Incidents: {ReportWords.Number(report.Incidents.Count + report.IncidentsLeftOut)}.");
    }

    private IEnumerable<ReportPart> Incidents()
    {
        if (report.Requests.Total == 0)
        {
            yield break;
        }

        yield return new Paragraph(
            $"An incident begins with the first of at least {Incident.MinFailures} failed attempts at one deployment with one code, between which it answered nobody, or of fewer if the gateway put it last for its health meanwhile. It is over when the deployment has answered since and {Incident.Quiet.TotalMinutes:0} minutes have passed without another such failure; its last failure is its end. One that began before the period is seen from its first failure within. Requests are affected that failed there, or were kept away from it meanwhile because it was put last for its health or its breaker let nothing through; who answered these is not named as having taken over, since some would have gone elsewhere anyway.");
        if (report.Incidents.Count == 0)
        {
            yield return new Paragraph("None.");
            yield break;
        }

        yield return new Table(
            "Who failed, who took over",
            ["no.", "deployment", "failure", "began", "last failure", "answered again", "state", "took over", "answered instead while it was avoided", "lasted", "failed attempts", "answers meanwhile", "requests affected", "kept away", "answered", "lost"],
            [.. report.Incidents.Select(static (incident, index) => Row(incident, index + 1))],
            Numbers: 9);
        yield return new Table(
            "Who was affected",
            ["no.", "routes", "data classes", "people in", "apps", "lost, by data class", "lost, by people in"],
            [
                .. report.Incidents.Select(static (incident, index) => (IReadOnlyList<string>)
                [
                    ReportWords.Number(index + 1), ReportWords.List(incident.Routes), ReportWords.List(incident.Classes), ReportWords.List(incident.Subjects),
                    ReportWords.List(incident.Apps), ReportWords.List(incident.LostClasses), ReportWords.List(incident.LostSubjects),
                ]),
            ]);
        if (report.IncidentsLeftOut > 0)
        {
            yield return new Paragraph($"{ReportWords.Number(report.IncidentsLeftOut)} smaller incidents are left out: ask for a shorter period.");
        }
    }

    private static IReadOnlyList<string> Row(Incident incident, int number) =>
    [
        ReportWords.Number(number), incident.Deployment, ReportWords.Failure(incident.Code), ReportWords.Time(incident.Began), ReportWords.Time(incident.LastFailure),
        ReportWords.Time(incident.AnsweredAgain), incident.IsOver ? "over" : incident.AnsweredAgain is null ? "open at the end of the period" : "answering again, not yet long enough",
        ReportWords.List(incident.TookOver), ReportWords.List(incident.AnsweredInstead), ReportWords.Span(incident.LastFailure - incident.Began), ReportWords.Number(incident.Failures),
        ReportWords.Number(incident.AnswersMeanwhile), ReportWords.Number(incident.Affected.Total), ReportWords.Number(incident.KeptAway),
        ReportWords.Number(incident.Affected.Answered), ReportWords.Number(incident.Affected.Lost),
    ];

    private IEnumerable<ReportPart> Timeline()
    {
        if (report.Timeline.Count > 0)
        {
            yield return new Table(
                "In the order of time",
                ["time (UTC)", "what", "deployment, policy or ticket", "detail", "times", "last (UTC)"],
                [
                    .. report.Timeline.Select(static entry => (IReadOnlyList<string>)
                    [
                        ReportWords.Time(entry.At), ReportWords.Happening(entry.Kind), entry.Subject,
                        entry.Kind is "incident_began" or "incident_ended" ? ReportWords.Failure(entry.Detail) : entry.Detail,
                        ReportWords.Number(entry.Count), entry.Count > 1 ? ReportWords.Time(entry.Until) : ReportWords.None,
                    ]),
                ]);
        }

        if (report.TimelineLeftOut > 0)
        {
            yield return new Paragraph($"{ReportWords.Number(report.TimelineLeftOut)} later entries are left out: ask for a shorter period.");
        }
    }

    private IEnumerable<ReportPart> Availability()
    {
        if (report.Routes.Count == 0)
        {
            yield break;
        }

        yield return new Paragraph(
            "Availability is answered ÷ (answered + lost). Lost are requests that the policy permits and that got no whole answer: no permitted provider answered, those permitted were suspended, the answer broke off, the caller gave up after a failure, people had to take over, or no end was recorded. Refusals by the policy, requests that a provider called invalid, callers who left while nothing had failed, dry runs and requests still running do not count. Requests that never became a decision (no valid token, no known route, a log that could not be written) are in no log.");
        yield return new Table(
            $"By route and data class, target {_target}",
            ["route", "data class", "target met", "availability", "error budget used", "answered", "lost", "refused", "other"],
            [
                .. report.Routes.SelectMany(route => (IEnumerable<IReadOnlyList<string>>)
                    [Figures(route.Route, "all", route.Requests), .. route.Classes.Select(label => Figures(route.Route, label.Class, label.Requests))]),
            ],
            Numbers: 3,
            [.. report.Routes.SelectMany(static route => (IEnumerable<double?>)[route.Requests.Availability, .. route.Classes.Select(static label => label.Requests.Availability)])]);
        yield return new Table(
            $"By data class, target {_target}; a request with several classes counts under each",
            ["route", "data class", "target met", "availability", "error budget used", "answered", "lost", "refused", "other"],
            [.. report.Classes.Select(label => Figures("all", label.Class, label.Requests))],
            Numbers: 3,
            [.. report.Classes.Select(static label => label.Requests.Availability)]);
        if (report.Losses.Count > 0)
        {
            yield return Counts("Lost requests by reason", "reason", report.Losses, ReportWords.Loss);
        }

        var busiest = report.Routes.Where(static route => route.Requests.Availability is not null)
            .OrderByDescending(static route => route.Requests.Total).ThenBy(static route => route.Route, StringComparer.Ordinal).Take(MostRowsOverTime).ToList();
        if (busiest.Count == 0)
        {
            yield break;
        }

        yield return new Chart(
            "Availability over time, by route",
            "One bar per interval. The plain part from below is the share that was answered, the striped part from above the share that was lost; a gap is an interval without requests that count. The figures are in the tables that follow.",
            Axis(), [.. busiest.Select(static route => Bars(route.Route, route.Intervals))]);
        foreach (var route in busiest)
        {
            yield return OverTime($"Route {route.Route} over time", route.Intervals, "lost", "availability");
        }
    }

    private IReadOnlyList<string> Figures(string route, string label, FateCounts counts) =>
    [
        route, label, counts.Availability is null ? ReportWords.None : counts.Meets(target) ? "yes" : "NO", ReportWords.Percent(counts.Availability),
        ReportWords.Budget(counts.BudgetUsed(target)), ReportWords.Number(counts.Answered), ReportWords.Number(counts.Lost),
        ReportWords.Number(counts[RequestFate.Refused]),
        ReportWords.Number(counts.Total - counts.Answered - counts.Lost - counts[RequestFate.Refused]),
    ];

    private IEnumerable<ReportPart> Failures()
    {
        if (report.Deployments.Count == 0)
        {
            yield break;
        }

        var failing = report.Deployments.Where(static deployment => deployment.Failures.Any(static failure => failure.IsProviders)).ToList();
        yield return new Table(
            "Answers and failed attempts",
            ["deployment", "failure", "speaks about the provider", "first", "last", "failed attempts", "answers"],
            [
                .. report.Deployments.SelectMany(static deployment => deployment.Failures.Count == 0
                    ? [(IReadOnlyList<string>)[deployment.Deployment, ReportWords.None, ReportWords.None, ReportWords.None, ReportWords.None, "0", ReportWords.Number(deployment.Answers)]]
                    : deployment.Failures.Select(failure => (IReadOnlyList<string>)
                        [
                            deployment.Deployment, ReportWords.Failure(failure.Code), failure.IsProviders ? "yes" : "no", ReportWords.Time(failure.First),
                            ReportWords.Time(failure.Last), ReportWords.Number(failure.Count), ReportWords.Number(deployment.Answers),
                        ])),
            ],
            Numbers: 5);
        if (failing.Count == 0)
        {
            yield break;
        }

        var shown = failing.OrderByDescending(static deployment => deployment.Failures.Sum(static failure => failure.Count))
            .ThenBy(static deployment => deployment.Deployment, StringComparer.Ordinal).Take(MostRowsOverTime).ToList();
        yield return new Chart(
            "Failures over time, by deployment",
            "One bar per interval. The striped part from above is the share of attempts that failed, the plain part from below the share that was answered; a gap is an interval without attempts. The figures are in the tables that follow.",
            Axis(), [.. shown.Select(static deployment => Bars(deployment.Deployment, deployment.Intervals))]);
        foreach (var deployment in shown)
        {
            yield return OverTime($"Deployment {deployment.Deployment} over time", deployment.Intervals, "failed attempts", "share answered");
        }
    }

    private IEnumerable<ReportPart> Refusals()
    {
        if (report.Refusals.Codes.Count == 0)
        {
            yield break;
        }

        yield return Counts("By code", "code", report.Refusals.Codes);
        yield return Counts("By rule or fixed words; a request that several rules refused counts under each", "rule", report.Refusals.Rules);
        yield return Counts("By data class; a request with several classes counts under each", "data class", report.Refusals.Classes);
    }

    private IEnumerable<ReportPart> Usage()
    {
        if (report.Usage.Count == 0)
        {
            yield break;
        }

        yield return new Table(
            "By deployment and currency",
            ["deployment", "currency", "requests", "tokens in", "tokens out", "cost", "requests with estimated tokens", "estimated part of the cost"],
            [
                .. report.Usage.Select(static usage => (IReadOnlyList<string>)
                [
                    usage.Deployment, usage.Currency ?? "no price", ReportWords.Number(usage.Requests), ReportWords.Number(usage.InputTokens), ReportWords.Number(usage.OutputTokens),
                    ReportWords.Money(usage.CostMicros, usage.Currency), ReportWords.Number(usage.Estimated), ReportWords.Money(usage.EstimatedCostMicros, usage.Currency),
                ]),
            ],
            Numbers: 2);
        yield return new Paragraph("Tokens are the provider's own count; where it gave none they were counted by us and are marked as estimated. Cost is tokens times the prices of endpoints.yaml at the time. Attempts that gave no answer have neither.");
    }

    private IEnumerable<ReportPart> Source()
    {
        var source = report.Source;
        if (source.EventsMissing > 0)
        {
            yield return new Paragraph($"WARNING: {ReportWords.Number(source.EventsMissing)} events that the index names are not in the log. Verify the log before this report is relied on.");
        }

        yield return new Paragraph(
            $"Made at {ReportWords.Time(source.MadeAt)} from {ReportWords.Number(source.EventsRead)} events of one state of the log, with: policyrouter audit report --from {Exact(_period.From)} --to {Exact(_period.To)} --target {(target * 100).ToString("0.#####", CultureInfo.InvariantCulture)}. Requests belong to the period in which they were decided, whenever they ended. History was read {ReportWords.Number(source.HistoryReads)} times in the period.");
        if (source.Policies.Count > 0)
        {
            yield return new Table(
                "Policy versions that decided requests",
                ["version", "first decision", "last decision", "requests"],
                [.. source.Policies.Select(static policy => (IReadOnlyList<string>)[policy.Version, ReportWords.Time(policy.First), ReportWords.Time(policy.Last), ReportWords.Number(policy.Requests)])],
                Numbers: 3);
        }

        if (source.Streams.Count > 0)
        {
            List<IReadOnlyList<string>> rows = [.. source.Streams.Select(static stream => (IReadOnlyList<string>)[stream.Shard, ReportWords.Number(stream.Epochs), ReportWords.Number(stream.Events)])];
            if (source.StreamsLeftOut.Epochs > 0)
            {
                rows.Add(["all others", ReportWords.Number(source.StreamsLeftOut.Epochs), ReportWords.Number(source.StreamsLeftOut.Events)]);
            }

            yield return new Table("The log when the report was made", ["shard", "epochs", "events"], rows, Numbers: 1);
        }
    }

    private ReportPeriodAxis Axis() => new(ReportWords.Time(_period.From), ReportWords.Time(_period.To), ReportWords.Span(_period.Interval));

    private static ChartRow Bars(string label, IReadOnlyList<IntervalFigures> intervals) =>
        new(label, [.. intervals.Select(static interval => (interval.Answered, interval.Failed))]);

    private Table OverTime(string caption, IReadOnlyList<IntervalFigures> intervals, string failed, string share)
    {
        var busy = intervals.Select(static (figures, index) => (figures, index)).Where(static interval => interval.figures.Answered + interval.figures.Failed > 0).ToList();
        return new Table(
            $"{caption}, intervals of {ReportWords.Span(_period.Interval)}; those without any are left out",
            ["from (UTC)", "answered", failed, share],
            [
                .. busy.Select(interval => (IReadOnlyList<string>)
                    [ReportWords.Time(_period.StartOf(interval.index)), ReportWords.Number(interval.figures.Answered), ReportWords.Number(interval.figures.Failed), ReportWords.Percent(Share(interval.figures))]),
            ],
            Numbers: 1,
            [.. busy.Select(static interval => (double?)Share(interval.figures))]);
    }

    private static double Share(IntervalFigures figures) => figures.Answered / (double)(figures.Answered + figures.Failed);

    private static Table Counts(string caption, string head, IReadOnlyList<NamedCount> counts, Func<string, string>? words = null) => new(
        caption, [head, "requests"], [.. counts.Select(count => (IReadOnlyList<string>)[words?.Invoke(count.Name) ?? count.Name, ReportWords.Number(count.Count)])], Numbers: 1);

    private static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
