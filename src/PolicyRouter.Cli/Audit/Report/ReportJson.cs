using System.Globalization;
using System.Text.Json;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli.Audit.Report;

/// <summary>A report as one JSON document: every figure, times in ISO 8601 UTC, shares from 0 to 1.</summary>
internal static class ReportJson
{
    /// <param name="target">Share of requests that must be answered, above 0 and below 1.</param>
    public static string Write(AuditReport report, double target) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        Time(writer, "from", report.Period.From);
        Time(writer, "to", report.Period.To);
        writer.WriteNumber("target", target);
        writer.WriteNumber("intervalSeconds", report.Period.Interval.TotalSeconds);
        Fates(writer, "requests", report.Requests, target);
        writer.WriteNumber("failedOver", report.FailedOver);
        Array(writer, "incidents", report.Incidents, Incident);
        writer.WriteNumber("incidentsLeftOut", report.IncidentsLeftOut);
        Array(writer, "timeline", report.Timeline, Entry);
        writer.WriteNumber("timelineLeftOut", report.TimelineLeftOut);
        Array(writer, "routes", report.Routes, (json, route) =>
        {
            json.WriteString("route", route.Route);
            Fates(json, "requests", route.Requests, target);
            Classes(json, route.Classes, target);
            Intervals(json, report.Period, route.Intervals);
        });
        Classes(writer, report.Classes, target);
        Counts(writer, "losses", report.Losses);
        Array(writer, "deployments", report.Deployments, (json, deployment) =>
        {
            json.WriteString("deployment", deployment.Deployment);
            json.WriteNumber("answers", deployment.Answers);
            Array(json, "failures", deployment.Failures, Failure);
            Intervals(json, report.Period, deployment.Intervals);
        });
        writer.WriteStartObject("refusals");
        Counts(writer, "codes", report.Refusals.Codes);
        Counts(writer, "rules", report.Refusals.Rules);
        Counts(writer, "classes", report.Refusals.Classes);
        writer.WriteEndObject();
        Array(writer, "usage", report.Usage, Usage);
        Source(writer, report.Source);
        writer.WriteEndObject();
    });

    private static void Fates(Utf8JsonWriter writer, string name, FateCounts counts, double target)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("decided", counts.Total);
        foreach (var fate in Enum.GetValues<RequestFate>())
        {
            writer.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(fate.ToString()), counts[fate]);
        }

        writer.WriteNumber("lost", counts.Lost);
        Share(writer, "availability", counts.Availability);
        Share(writer, "errorBudgetUsed", counts.BudgetUsed(target));
        writer.WriteBoolean("meetsTarget", counts.Meets(target));
        writer.WriteEndObject();
    }

    private static void Classes(Utf8JsonWriter writer, IReadOnlyList<ClassFigures> classes, double target) => Array(writer, "classes", classes, (json, label) =>
    {
        json.WriteString("class", label.Class);
        Fates(json, "requests", label.Requests, target);
    });

    private static void Intervals(Utf8JsonWriter writer, ReportPeriod period, IReadOnlyList<IntervalFigures> intervals) => Array(
        writer, "intervals", [.. intervals.Index()], (json, interval) =>
        {
            Time(json, "from", period.StartOf(interval.Index));
            json.WriteNumber("answered", interval.Item.Answered);
            json.WriteNumber("failed", interval.Item.Failed);
        });

    private static void Incident(Utf8JsonWriter writer, Incident incident)
    {
        writer.WriteString("deployment", incident.Deployment);
        writer.WriteString("code", incident.Code);
        Time(writer, "began", incident.Began);
        Time(writer, "lastFailure", incident.LastFailure);
        Time(writer, "answeredAgain", incident.AnsweredAgain);
        writer.WriteBoolean("isOver", incident.IsOver);
        writer.WriteNumber("failures", incident.Failures);
        writer.WriteNumber("answersMeanwhile", incident.AnswersMeanwhile);
        writer.WriteNumber("affected", incident.Affected.Total);
        writer.WriteNumber("keptAway", incident.KeptAway);
        writer.WriteNumber("answered", incident.Affected.Answered);
        writer.WriteNumber("lost", incident.Affected.Lost);
        writer.WriteNumber("broken", incident.Affected[RequestFate.Broken]);
        Counts(writer, "tookOver", incident.TookOver);
        Counts(writer, "answeredInstead", incident.AnsweredInstead);
        Counts(writer, "routes", incident.Routes);
        Counts(writer, "classes", incident.Classes);
        Counts(writer, "subjects", incident.Subjects);
        Counts(writer, "apps", incident.Apps);
        Counts(writer, "lostClasses", incident.LostClasses);
        Counts(writer, "lostSubjects", incident.LostSubjects);
    }

    private static void Entry(Utf8JsonWriter writer, TimelineEntry entry)
    {
        Time(writer, "at", entry.At);
        writer.WriteString("kind", entry.Kind);
        writer.WriteString("subject", entry.Subject);
        writer.WriteString("detail", entry.Detail);
        writer.WriteNumber("count", entry.Count);
        Time(writer, "until", entry.Until);
    }

    private static void Failure(Utf8JsonWriter writer, FailureFigures failure)
    {
        writer.WriteString("code", failure.Code);
        writer.WriteNumber("count", failure.Count);
        writer.WriteBoolean("isProviders", failure.IsProviders);
        Time(writer, "first", failure.First);
        Time(writer, "last", failure.Last);
    }

    private static void Usage(Utf8JsonWriter writer, UsageFigures usage)
    {
        writer.WriteString("deployment", usage.Deployment);
        writer.WriteString("currency", usage.Currency);
        writer.WriteNumber("requests", usage.Requests);
        writer.WriteNumber("inputTokens", usage.InputTokens);
        writer.WriteNumber("outputTokens", usage.OutputTokens);
        writer.WriteNumber("costMicros", usage.CostMicros);
        writer.WriteNumber("estimatedRequests", usage.Estimated);
        writer.WriteNumber("estimatedCostMicros", usage.EstimatedCostMicros);
    }

    private static void Source(Utf8JsonWriter writer, ReportSource source)
    {
        writer.WriteStartObject("source");
        Time(writer, "madeAt", source.MadeAt);
        writer.WriteNumber("eventsRead", source.EventsRead);
        writer.WriteNumber("eventsMissing", source.EventsMissing);
        writer.WriteNumber("historyReads", source.HistoryReads);
        Time(writer, "firstDecision", source.FirstDecision);
        Time(writer, "lastDecision", source.LastDecision);
        Array(writer, "policies", source.Policies, static (json, policy) =>
        {
            json.WriteString("version", policy.Version);
            Time(json, "first", policy.First);
            Time(json, "last", policy.Last);
            json.WriteNumber("requests", policy.Requests);
        });
        Array(writer, "streams", source.Streams, Stream);
        writer.WriteStartObject("streamsLeftOut");
        Stream(writer, source.StreamsLeftOut);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Stream(Utf8JsonWriter writer, LogStream stream)
    {
        writer.WriteString("shard", stream.Shard);
        writer.WriteNumber("epochs", stream.Epochs);
        writer.WriteNumber("events", stream.Events);
    }

    private static void Counts(Utf8JsonWriter writer, string name, IReadOnlyList<NamedCount> counts) => Array(writer, name, counts, static (json, count) =>
    {
        json.WriteString("name", count.Name);
        json.WriteNumber("count", count.Count);
    });

    private static void Array<T>(Utf8JsonWriter writer, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Share(Utf8JsonWriter writer, string name, double? share)
    {
        if (share is { } known)
        {
            writer.WriteNumber(name, known);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? time) =>
        writer.WriteString(name, time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
