using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using PolicyRouter.Audit.Appending;
using PolicyRouter.WebConsole.Gateways;
using PolicyRouter.WebConsole.Reading;

namespace PolicyRouter.WebConsole.Exporting;

/// <summary><c>POST /export</c>: everything a view finds, as a file that is written while it is read. Recorded before its first byte.</summary>
internal static class ExportEndpoint
{
    public static async Task<IResult> HandleAsync(
        [FromForm] string? format, [FromForm] string? query, HttpContext http, ReaderHistory history, TimeProvider time)
    {
        // A browser that says it comes from elsewhere is turned away before anything is read.
        if (http.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin"))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var view = DecisionsView.Read(new QueryCollection(QueryHelpers.ParseQuery(query ?? ""))).FirstPage();
        if (view.Fault is not null || format is not ("csv" or "ndjson"))
        {
            return Results.LocalRedirect(view.Link());
        }

        var now = time.GetUtcNow();
        try
        {
            await using var export = await history.OpenExportAsync(view.Query(now), $"{view.Asked()}; export as {format}", http.RequestAborted);
            ExportHeader header = new(now, history.Reader.Name, history.Reader.Tenant, view.Text, view.Range.BeginAt(now), view.Range.To, export.Rows, export.Heads);
            http.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"decisions-{now:yyyyMMdd-HHmmss}.{format}\"";
            try
            {
                await (format == "csv"
                    ? CsvExport.WriteAsync(http.Response.BodyWriter, header, export.RowsAsync(http.RequestAborted), http.RequestAborted)
                    : NdjsonExport.WriteAsync(http.Response.BodyWriter, header, export.RowsAsync(http.RequestAborted), http.RequestAborted));
            }
            catch (AuditUnavailableException)
            {
                // The file has begun: cut off, it cannot be taken for a whole one.
                http.Abort();
            }

            return Results.Empty;
        }
        catch (GatewayRefusedException)
        {
            return Results.LocalRedirect($"{QueryHelpers.AddQueryString(view.Link(), "export", "refused")}");
        }
        catch (AuditUnavailableException)
        {
            return Results.LocalRedirect($"{QueryHelpers.AddQueryString(view.Link(), "export", "unavailable")}");
        }
    }
}

/// <summary>What an export says about itself: who asked for what, when, and what the log held then.</summary>
internal sealed record ExportHeader(
    DateTimeOffset At, string By, string? Tenant, string Search, DateTimeOffset? From, DateTimeOffset? To, long Rows, IReadOnlyList<PolicyRouter.Audit.Reading.LogSize> Heads);
