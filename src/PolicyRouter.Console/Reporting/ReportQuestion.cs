using System.Globalization;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Reporting;

namespace PolicyRouter.WebConsole.Reporting;

/// <summary>The period somebody wants a report of, from the address of its page.</summary>
/// <param name="Period">Null when none is given, or a wrong one.</param>
/// <param name="Fault">What is wrong with it, in one sentence; null when nothing is.</param>
internal sealed record ReportQuestion(DateTimeOffset? From, DateTimeOffset? To, ReportPeriod? Period, string? Fault)
{
    /// <summary>Share of requests that must be answered, as <c>audit report</c> takes it unless told otherwise.</summary>
    public const double Target = 0.999;

    public static ReportQuestion Read(IQueryCollection query)
    {
        var (from, to) = (query["from"].ToString(), query["to"].ToString());
        if (from.Length == 0 && to.Length == 0)
        {
            return new ReportQuestion(null, null, null, null);
        }

        return (Instant(from), Instant(to)) switch
        {
            ({ } begin, { } end) when begin < end => new ReportQuestion(begin, end, new ReportPeriod(begin, end), null),
            ({ } begin, { } end) => new ReportQuestion(begin, end, null, "The period must end after it begins."),
            var (begin, end) => new ReportQuestion(begin, end, null, "A period has a beginning and an end, as 2026-04-28T10:00 in UTC."),
        };
    }

    private static DateTimeOffset? Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant : null;
}
