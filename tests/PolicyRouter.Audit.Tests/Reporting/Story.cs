using System.Globalization;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reporting;

namespace PolicyRouter.Audit.Tests.Reporting;

/// <summary>A day of requests, told one after the other, as the gateway would have recorded them.</summary>
internal sealed class Story
{
    private readonly List<AuditEvent> _events = [];

    public IReadOnlyList<AuditEvent> Events => _events;

    public static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-04-28T{time}Z", CultureInfo.InvariantCulture);

    /// <summary>A request that was permitted, with the failed attempts before its end.</summary>
    /// <param name="by">Who answered; null for nobody.</param>
    /// <param name="failures"><c>deployment code</c>.</param>
    public RequestDecided Permitted(
        DateTimeOffset at, string? by, string[]? failures = null, string outcome = "completed", int? status = 200, string route = "clinical-chat",
        string[]? classes = null, string[]? subjects = null, string[]? avoided = null, int seconds = 1)
    {
        var decided = Sample.Permit(at: at) with { Route = route, FinalClasses = classes ?? ["phi"], Subjects = subjects ?? ["us"], Avoided = avoided ?? [] };
        _events.Add(decided);
        _events.Add(Sample.End(decided.Id, outcome, by) with
        {
            At = at.AddSeconds(seconds),
            Failures = failures ?? [],
            HttpStatus = status,
            Attempts = (failures?.Length ?? 0) + (by is null ? 0 : 1),
            CostMicros = by is null ? null : 1_000,
            Currency = by is null ? null : "USD",
            InputTokens = by is null ? null : 100,
            OutputTokens = by is null ? null : 10,
        });
        return decided;
    }

    public void Lost(DateTimeOffset at, params string[] failures) => Permitted(at, null, failures, "failed", 503);

    public RequestDecided Refused(DateTimeOffset at, string code = "no_permitted_provider", string[]? classes = null, string rule = "F-GDPR-TRANSFER")
    {
        var decided = Sample.Deny(at) with { RefusalCode = code, FinalClasses = classes ?? ["pii"], Denied = [new("claude", [rule]), new("groq", [rule, "no permit for pii"])] };
        _events.Add(decided);
        return decided;
    }

    public void Add(AuditEvent entry) => _events.Add(entry);

    /// <summary>The report of these events alone.</summary>
    public AuditReport Report(DateTimeOffset from, DateTimeOffset to)
    {
        ReportBuilder builder = new(new ReportPeriod(from, to));
        var ends = _events.OfType<RequestCompleted>().ToLookup(static end => end.RequestId);
        foreach (var decided in _events.OfType<RequestDecided>().Where(decided => decided.At >= from && decided.At < to).OrderBy(static decided => decided.At).ThenBy(static decided => decided.Id))
        {
            builder.Add(decided, ends[decided.Id].FirstOrDefault());
        }

        foreach (var other in _events.Where(other => other is not RequestDecided and not RequestCompleted && other.At >= from && other.At < to))
        {
            builder.Add(other);
        }

        return builder.Build(NoSource);
    }

    public AuditReport Report() => Report(At("00:00:00"), At("00:00:00").AddDays(1));

    private static readonly ReportSource NoSource = new()
    {
        MadeAt = Sample.Noon, EventsRead = 0, EventsMissing = 0, HistoryReads = 0, Policies = [], Streams = [], StreamsLeftOut = new("", 0, 0), FirstDecision = null, LastDecision = null,
    };
}
