namespace PolicyRouter.Audit.Reporting;

/// <summary>A period of the log as figures: what happened, who failed, who took over, what was refused, what was answered, used and paid.</summary>
public sealed record AuditReport
{
    public required ReportPeriod Period { get; init; }
    public required FateCounts Requests { get; init; }

    /// <summary>Answered by another deployment after an attempt had failed.</summary>
    public required long FailedOver { get; init; }
    public required IReadOnlyList<RouteFigures> Routes { get; init; }
    public required IReadOnlyList<ClassFigures> Classes { get; init; }

    /// <summary>Lost requests by reason.</summary>
    public required IReadOnlyList<NamedCount> Losses { get; init; }
    public required RefusalFigures Refusals { get; init; }
    public required IReadOnlyList<DeploymentFigures> Deployments { get; init; }

    /// <summary>In the order of their begin.</summary>
    public required IReadOnlyList<Incident> Incidents { get; init; }

    /// <summary>Incidents for which there was no room, those with the fewest failures.</summary>
    public required long IncidentsLeftOut { get; init; }
    public required IReadOnlyList<UsageFigures> Usage { get; init; }

    /// <summary>In the order of time.</summary>
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }
    public required long TimelineLeftOut { get; init; }
    public required ReportSource Source { get; init; }
}

public sealed record NamedCount(string Name, long Count);

/// <summary>A route, altogether, by data class, and over time.</summary>
public sealed record RouteFigures(string Route, FateCounts Requests, IReadOnlyList<ClassFigures> Classes, IReadOnlyList<IntervalFigures> Intervals);

/// <summary>Requests with a data class. A request with several counts in each of them.</summary>
public sealed record ClassFigures(string Class, FateCounts Requests);

/// <summary>Answers, and failures or losses, of one interval of the period.</summary>
public readonly record struct IntervalFigures(long Answered, long Failed);

/// <summary>Requests that were refused. One may have several rules and classes, and counts once under each.</summary>
public sealed record RefusalFigures(IReadOnlyList<NamedCount> Codes, IReadOnlyList<NamedCount> Rules, IReadOnlyList<NamedCount> Classes);

/// <summary>A deployment's answers, and its failed attempts by code and over time. Only the provider's own failures are in the intervals.</summary>
public sealed record DeploymentFigures(string Deployment, long Answers, IReadOnlyList<FailureFigures> Failures, IReadOnlyList<IntervalFigures> Intervals);

/// <param name="IsProviders">False when the failure says nothing about the provider.</param>
public sealed record FailureFigures(string Code, long Count, bool IsProviders, DateTimeOffset First, DateTimeOffset Last);

/// <summary>Tokens and cost of the requests that a deployment answered, or began to.</summary>
/// <param name="Currency">Null when its endpoint has no price.</param>
/// <param name="Estimated">Requests whose tokens were counted by us: their tokens and cost are estimates.</param>
/// <param name="CostMicros">Millionths of the currency.</param>
/// <param name="EstimatedCostMicros">The part of it that rests on estimated tokens.</param>
public sealed record UsageFigures(
    string Deployment, string? Currency, long Requests, long Estimated, decimal InputTokens, decimal OutputTokens, decimal CostMicros, decimal EstimatedCostMicros);

/// <summary>Something that happened once, or several times alike between two times.</summary>
/// <param name="Kind">An event type; or <c>incident_began</c>, <c>incident_ended</c>, <c>break_glass</c>.</param>
/// <param name="Subject">Deployment, policy version or ticket.</param>
/// <param name="Detail">Failure code, reason, problem codes or signers; may be empty.</param>
/// <param name="Until">The last of several; the same as <paramref name="At"/> for one.</param>
public sealed record TimelineEntry(DateTimeOffset At, string Kind, string Subject, string Detail, long Count, DateTimeOffset Until);

/// <summary>What the report was made from, so that it can be made again.</summary>
public sealed record ReportSource
{
    public required DateTimeOffset MadeAt { get; init; }
    public required long EventsRead { get; init; }

    /// <summary>Events that the index of requests names and the log does not hold. Anything but 0 calls for an inquiry.</summary>
    public required long EventsMissing { get; init; }

    /// <summary>When somebody read history in the period.</summary>
    public required long HistoryReads { get; init; }

    /// <summary>Versions that decided requests of the period.</summary>
    public required IReadOnlyList<PolicyInForce> Policies { get; init; }

    /// <summary>The streams of the log, each with the events it held when the report was made.</summary>
    public required IReadOnlyList<LogStream> Streams { get; init; }

    /// <summary>Streams for which there was no room, and the events in them.</summary>
    public required LogStream StreamsLeftOut { get; init; }

    /// <summary>First and last decision of the whole log; null when it holds none.</summary>
    public required DateTimeOffset? FirstDecision { get; init; }
    public required DateTimeOffset? LastDecision { get; init; }
}

public sealed record PolicyInForce(string Version, DateTimeOffset First, DateTimeOffset Last, long Requests);

/// <param name="Epochs">Times the shard was opened.</param>
public sealed record LogStream(string Shard, long Epochs, long Events);
