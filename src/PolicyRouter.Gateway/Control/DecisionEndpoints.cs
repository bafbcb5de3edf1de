using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Control;

/// <summary>History for auditors. Whoever looks is recorded before they see anything; a token with a tenant sees that tenant only.</summary>
internal sealed class DecisionEndpoints(AuditConnection audit, TimeProvider time)
{
    /// <summary><c>GET /api/decisions</c>.</summary>
    public async Task ListAsync(HttpContext http)
    {
        var (query, fault) = HistoryQueryReader.Read(http.Request.Query);
        if (query is null)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest(fault ?? "A filter is wrong.", null));
            return;
        }

        var reader = Caller.Of(http.User);
        query = reader.Tenant.Length > 0 ? query with { Tenant = reader.Tenant } : query;
        try
        {
            var page = await audit.Query(query, http.RequestAborted);
            await RecordAsync(reader, http.Request.QueryString.Value ?? "", page.Decisions.Count, http.RequestAborted);
            await ControlJson.WriteAsync(http, page);
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
        catch (ArgumentException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest("`cursor` is not one of ours.", "cursor"));
        }
    }

    /// <summary><c>GET /api/decisions/{id}</c>: every event of one request, as stored.</summary>
    public async Task ShowAsync(HttpContext http, Guid id)
    {
        var reader = Caller.Of(http.User);
        try
        {
            var events = await audit.EventsOf(id, http.RequestAborted);
            if (events.Count > 0 && reader.Tenant.Length > 0 && TenantOf(events) != reader.Tenant)
            {
                // Not "forbidden": that would say that the id exists.
                events = [];
            }

            await RecordAsync(reader, $"id={id}", events.Count, http.RequestAborted);
            if (events.Count == 0)
            {
                await PlaneErrors.WriteAsync(http, PlaneErrors.NotFound());
                return;
            }

            await ControlJson.WriteAsync(http, writer => WriteEvents(writer, id, events));
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
    }

    private Task RecordAsync(Caller reader, string query, int rows, CancellationToken cancellationToken) =>
        audit.Append(HistoryReads.Of(reader.App, query, rows, time), cancellationToken);

    internal static string? TenantOf(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var recorded in events)
        {
            using var json = JsonDocument.Parse(recorded.CanonicalJson);
            if (json.RootElement.TryGetProperty("tenant", out var tenant))
            {
                return tenant.GetString();
            }
        }

        return null;
    }

    private static void WriteEvents(Utf8JsonWriter writer, Guid id, IReadOnlyList<RecordedEvent> events)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteStartArray("events");
        foreach (var recorded in events)
        {
            writer.WriteStartObject();
            writer.WriteString("type", recorded.Type);
            writer.WriteNumber("index", recorded.Index);
            writer.WritePropertyName("event");
            writer.WriteRawValue(recorded.CanonicalJson.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
