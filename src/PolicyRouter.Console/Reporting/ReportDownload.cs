using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Reports.Incidents;
using PolicyRouter.WebConsole.Gateways;
using PolicyRouter.WebConsole.Reading;

namespace PolicyRouter.WebConsole.Reporting;

/// <summary><c>GET /report/download?format=markdown|html&amp;from&amp;to</c>: the report as <c>audit report</c> writes it, recorded as a read.</summary>
internal static class ReportDownload
{
    public static async Task<IResult> HandleAsync(string? format, HttpContext http, ReaderHistory history, TimeProvider time)
    {
        var page = QueryHelpers.AddQueryString("/report", new Dictionary<string, string?> { ["from"] = http.Request.Query["from"], ["to"] = http.Request.Query["to"] });
        if (ReportQuestion.Read(http.Request.Query).Period is not { } period || format is not ("markdown" or "html") || !history.Reader.SeesEveryTenant)
        {
            return Results.LocalRedirect(page);
        }

        try
        {
            var document = ReportSections.Of(await history.ReportAsync(period, time.GetUtcNow(), http.RequestAborted), ReportQuestion.Target);
            var (text, type, extension) = format == "html" ? (ReportHtml.Write(document), "text/html; charset=utf-8", "html") : (ReportMarkdown.Write(document), "text/markdown; charset=utf-8", "md");
            return Results.File(Encoding.UTF8.GetBytes(text), type, $"incident-report-{period.From:yyyyMMdd'T'HHmm}-{period.To:yyyyMMdd'T'HHmm}.{extension}");
        }
        catch (Exception failure) when (failure is AuditUnavailableException or GatewayRefusedException or TooSlowException or FormatException)
        {
            // The page says what is the matter, and keeps the period.
            return Results.LocalRedirect(page);
        }
    }
}
