using System.Globalization;
using PolicyRouter.Audit.Reporting;

namespace PolicyRouter.Reports.Incidents;

/// <summary>Times, figures and codes as a report writes them.</summary>
public static class ReportWords
{
    public const string None = "-";

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset? time) => time is { } known ? Time(known) : None;

    public static string Span(TimeSpan span) =>
        span >= TimeSpan.FromDays(1) ? string.Create(CultureInfo.InvariantCulture, $"{span.Days} d {span.Hours} h {span.Minutes} min")
        : span >= TimeSpan.FromHours(1) ? string.Create(CultureInfo.InvariantCulture, $"{span.Hours} h {span.Minutes} min")
        : span >= TimeSpan.FromMinutes(1) ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalSeconds):0} s");

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(decimal number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Rounded down, so that nothing is called whole that is not.</summary>
    public static string Percent(double? share) =>
        share is { } known ? (Math.Floor(Math.Round(known * 100_000, 6)) / 1_000).ToString("0.000", CultureInfo.InvariantCulture) + " %" : None;

    public static string Budget(double? used) => used is { } known ? (known * 100).ToString("N1", CultureInfo.InvariantCulture) + " %" : None;

    public static string Money(decimal micros, string? currency) =>
        currency is null ? None : $"{(micros / 1_000_000m).ToString("#,0.00####", CultureInfo.InvariantCulture)} {currency}";

    public static string List(IEnumerable<NamedCount> counts) =>
        string.Join(", ", counts.Select(static count => $"{count.Name} ({Number(count.Count)})")) is { Length: > 0 } list ? list : None;

    /// <summary>A failure code with what it means.</summary>
    public static string Failure(string code) => Meaning(code) is { } meaning ? $"{code} ({meaning})" : code;

    private static string? Meaning(string code) => code switch
    {
        "status_401" or "status_403" => "the provider refused our credentials",
        "status_408" => "the provider timed out",
        "status_429" => "the provider's rate limit",
        "status_529" => "the provider is overloaded",
        "connect_failed" => "no connection",
        "connect_timeout" => "no connection in time",
        "first_token_timeout" => "no first word in time",
        "between_tokens_timeout" => "the answer stalled",
        "total_timeout" => "no whole answer in time",
        "malformed_answer" => "the answer was not in its format",
        "answer_cut" => "the connection ended early",
        "error_in_stream" => "an error inside the answer",
        "broken_answer" => "the answer broke off after its first word",
        "redirect_refused" => "the provider pointed elsewhere",
        "credential_unavailable" => "our credential could not be read",
        "data_residency_mismatch" => "the provider would not run it where it must run",
        "destination_blocked" => "the address is not allowed",
        _ when code.StartsWith("status_5", StringComparison.Ordinal) => "the provider's server failed",
        _ => null,
    };

    public static string Loss(string reason) => reason switch
    {
        "status_503" => "no permitted provider answered, or a further attempt could not be recorded (503)",
        "status_504" => "no answer in time (504)",
        "suspended" => "who was permitted was suspended",
        "policy_unavailable" => "the policy could not be confirmed for too long",
        "cancelled" => "the caller gave up after an attempt had failed",
        "handed-off" => "handed to people",
        "incomplete" => "the answer broke off",
        "not-sent" => "the decision was not recorded in time: refused, nothing was sent",
        "unknown" => "no end was recorded: the process died",
        "failed" => "failed before an error could be sent",
        _ => reason,
    };

    public static string Happening(string kind) => kind switch
    {
        "incident_began" => "first failure of an incident",
        "incident_ended" => "answered again after an incident",
        "deployment_suspended" => "suspended by an operator or a rule",
        "deployment_resumed" => "suspension lifted",
        "policy_activated" => "policy came into force",
        "policy_rejected" => "policy folder refused; the one before stayed in force",
        "residency_mismatch" => "answer made elsewhere than registered",
        "model_mismatch" => "answer of another model",
        "break_glass" => "break-glass token used",
        _ => kind,
    };
}
