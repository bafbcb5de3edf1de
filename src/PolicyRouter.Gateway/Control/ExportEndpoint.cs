using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Control;

/// <summary><c>GET /api/export?format=ndjson|csv|parquet&amp;from&amp;to</c>: history as a file, recorded before its first byte leaves.</summary>
internal sealed class ExportEndpoint(AuditLog log, GatewaySettings settings, TimeProvider time)
{
    private static readonly string[] Keys = ["format", "from", "to"];

    public async Task ExportAsync(HttpContext http)
    {
        var reader = Caller.Of(http.User);
        if (reader.Tenant.Length > 0)
        {
            await PlaneErrors.WriteAsync(http, new GatewayError(
                StatusCodes.Status403Forbidden, "export_not_allowed", "permission_error", "An export holds the history of every tenant; this token is for one."));
            return;
        }

        if (Read(http.Request.Query) is not { } asked)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest("`format` is ndjson, csv or parquet; `from` and `to` are instants like 2026-04-28T00:00:00Z; nothing else is known.", null));
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            var name = asked.Format.ToString().ToLowerInvariant();
            await log.AppendAsync(
                new HistoryExported { Id = Guid.CreateVersion7(now), At = now, Reader = reader.App, Format = name, Query = http.Request.QueryString.Value ?? "" },
                http.RequestAborted);
            await log.PublishCheckpointAsync(http.RequestAborted);
            http.Response.ContentType = asked.Format switch
            {
                ExportFormat.Ndjson => "application/x-ndjson",
                ExportFormat.Csv => "text/csv; charset=utf-8",
                _ => "application/vnd.apache.parquet",
            };
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"policyrouter-{now:yyyyMMdd'T'HHmmss'Z'}.{name}\"";
            await HistoryExport.WriteAsync(settings.Audit.ConnectionString!, asked.Format, asked.From, asked.To, now, http.Response.Body, null, http.RequestAborted);
        }
        catch (AuditUnavailableException) when (!http.Response.HasStarted)
        {
            http.Response.Headers.ContentDisposition = default;
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
        catch (AuditUnavailableException)
        {
            // Half an export must not look like a whole one.
            http.Abort();
        }
    }

    private static (ExportFormat Format, DateTimeOffset? From, DateTimeOffset? To)? Read(IQueryCollection query)
    {
        if (query.Keys.Except(Keys, StringComparer.Ordinal).Any() || query.Any(static pair => pair.Value.Count != 1))
        {
            return null;
        }

        ExportFormat? format = query["format"].ToString() switch
        {
            "ndjson" => ExportFormat.Ndjson,
            "csv" => ExportFormat.Csv,
            "parquet" => ExportFormat.Parquet,
            _ => null,
        };
        return format is { } known && TryInstant(query, "from", out var from) && TryInstant(query, "to", out var to) ? (known, from, to) : null;
    }

    private static bool TryInstant(IQueryCollection query, string key, out DateTimeOffset? instant)
    {
        instant = query.TryGetValue(key, out var text) ? HistoryQueryReader.Instant(text.ToString()) : null;
        return instant is not null || !query.ContainsKey(key);
    }
}
